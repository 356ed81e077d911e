/* SPDX-License-Identifier: Apache-2.0 */
/* Biometric results, and the circumstances: posture, location, behaviour. */
#include "internal.h"

#define EARTH_M 6371008.8                               /* mean radius */
#define RADIAN  (3.14159265358979323846 / 1800000000.0) /* of a ten-millionth of a degree */

static void
removed(carnet_evidence_run *run, carnet_evidence_piece piece, const char *reason)
{
    carnet_evidence_find(run, piece, CARNET_EVIDENCE_REMOVED, CARNET_E_EVIDENCE_USELESS, reason);
}

unsigned
carnet_user_auth_of(carnet_str method)
{
    static const struct {
        const char *name;
        unsigned bit;
    } methods[] = { { "FINGERPRINT", CARNET_USER_AUTH_FINGERPRINT },
                    { "FACE", CARNET_USER_AUTH_FACE },
                    { "IRIS", CARNET_USER_AUTH_IRIS },
                    { "VOICE", CARNET_USER_AUTH_VOICE } };

    for (size_t i = 0; i < CARNET_COUNT(methods); i++)
        if (carnet_str_is(method, methods[i].name))
            return methods[i].bit;
    return 0;
}

/* --- biometrics --- */

/* What the secure area that signed is attested to compare. */
static unsigned
compared_by(const carnet_evidence_run *run)
{
    const size_t key = run->evidence->key;

    return key != CARNET_EVIDENCE_NONE && run->device->keys[key].attested ? run->device->keys[key].user_auth : 0;
}

/* How much a result says, to choose between several. */
static unsigned
rate(const carnet_bops_detail *detail, unsigned listed)
{
    return 1U + (detail->pad && detail->pad_performed && detail->pad_passed ? 1U : 0) +
           ((carnet_user_auth_of(detail->method) & listed) != 0 ? 2U : 0);
}

static const carnet_bops_detail *
best_detail(const carnet_evidence_run *run, bool *any)
{
    const unsigned listed = compared_by(run);
    const carnet_bops_detail *best = NULL;

    *any = false;
    for (size_t i = 0; i < run->response->detail_count; i++) {
        const carnet_bops_detail *detail = &run->response->details[i];

        if (carnet_user_auth_of(detail->method) == 0)
            continue;
        *any = true;
        if (detail->status && (best == NULL || rate(detail, listed) > rate(best, listed)))
            best = detail;
    }
    return best;
}

void
carnet_evidence_look_biometric(carnet_evidence_run *run)
{
    carnet_evidence_facts *facts = &run->evidence->facts;
    bool any;
    const carnet_bops_detail *detail = best_detail(run, &any);

    if (!any)
        return;
    if (detail == NULL) {
        removed(run, CARNET_EVIDENCE_BIOMETRIC, "no biometric comparison succeeded");
        return;
    }
    facts->matcher = detail->matcher;
    facts->biometric_passed = true;
    facts->biometric_signed = facts->transaction_signature;
    facts->secure_area_lists_biometric = (compared_by(run) & carnet_user_auth_of(detail->method)) != 0;
    facts->shares = run->session->shares;
    facts->server_holds_share = run->session->server_holds_share;
    facts->server_computed_match = run->session->server_computed_match;
    facts->pad_performed = detail->pad && detail->pad_performed;
    facts->pad_passed = detail->pad && detail->pad_passed;
    facts->pad_attested = run->device->pad;
    if (!facts->biometric_signed)
        removed(run, CARNET_EVIDENCE_BIOMETRIC, "the result of the comparison is not signed");
    else if (!facts->secure_area_lists_biometric && !facts->server_computed_match)
        removed(run, CARNET_EVIDENCE_BIOMETRIC, "the secure area is not attested to compare this");
    else
        carnet_evidence_find(run, CARNET_EVIDENCE_BIOMETRIC, CARNET_EVIDENCE_VERIFIED, CARNET_OK, NULL);
}

/* --- posture --- */

void
carnet_evidence_look_posture(carnet_evidence_run *run)
{
    const carnet_bops_posture *posture = &run->response->posture;
    carnet_evidence_facts *facts = &run->evidence->facts;

    if (run->device->attested)
        facts->posture_attested = true;
    if (!posture->present)
        return;
    facts->rooted = posture->rooted;
    if (posture->rooted)
        removed(run, CARNET_EVIDENCE_POSTURE, "the device is rooted");
    else if (!posture->lock_screen) {
        facts->posture_attested = false;
        removed(run, CARNET_EVIDENCE_POSTURE, "the device has no screen lock");
    } else if (!facts->posture_attested)
        removed(run, CARNET_EVIDENCE_POSTURE, "the device's posture is not attested");
    else
        carnet_evidence_find(run, CARNET_EVIDENCE_POSTURE, CARNET_EVIDENCE_VERIFIED, CARNET_OK, NULL);
}

/* --- location --- */

static double
sine(double x)
{
    double term = x, sum = x;

    for (int n = 1; n < 14; n++) {
        term *= -x * x / (2 * n * (2 * n + 1));
        sum += term;
    }
    return sum;
}

static double
root(double x)
{
    double guess = x > 1 ? x : 1;

    for (int n = 0; n < 64; n++)
        guess = (guess + x / guess) / 2;
    return x <= 0 ? 0 : guess;
}

/* Metres between two places, by the haversine: the chord, which for what counts here is as long as the way. */
static double
distance(double latitude1, double longitude1, double latitude2, double longitude2)
{
    const double north = sine((latitude2 - latitude1) / 2), east = sine((longitude2 - longitude1) / 2);
    const double half = 3.14159265358979323846 / 2;

    return 2 * EARTH_M * root(north * north + sine(half - latitude1) * sine(half - latitude2) * east * east);
}

static bool
on_earth(int64_t latitude_e7, int64_t longitude_e7)
{
    return latitude_e7 >= -900000000 && latitude_e7 <= 900000000 && longitude_e7 >= -1800000000 &&
           longitude_e7 <= 1800000000;
}

void
carnet_evidence_look_location(carnet_evidence_run *run)
{
    const carnet_evidence_session *session = run->session;
    const carnet_bops_location *location = &run->response->location;
    const int64_t skew = carnet_evidence_skew(run->trust);
    carnet_evidence_facts *facts = &run->evidence->facts;

    if (!location->present)
        return;
    if (!on_earth(location->latitude_e7, location->longitude_e7) || location->accuracy_mm < 0 || location->time < 0)
        removed(run, CARNET_EVIDENCE_LOCATION, "this is no place");
    else if (!session->terminal_placed || !on_earth(session->latitude_e7, session->longitude_e7))
        removed(run, CARNET_EVIDENCE_LOCATION, "where the terminal is is not known");
    else if (location->time > session->now + skew)
        removed(run, CARNET_EVIDENCE_LOCATION, "the place was measured in the future");
    else {
        facts->location_known = true;
        facts->location_accuracy_m = (double)location->accuracy_mm / 1000;
        /* A time that is not said is that of the answer. */
        facts->location_age = location->time == 0 || location->time > session->now ? 0 : session->now - location->time;
        facts->distance_m = distance((double)location->latitude_e7 * RADIAN, (double)location->longitude_e7 * RADIAN,
                                     (double)session->latitude_e7 * RADIAN, (double)session->longitude_e7 * RADIAN);
        carnet_evidence_find(run, CARNET_EVIDENCE_LOCATION, CARNET_EVIDENCE_VERIFIED, CARNET_OK, NULL);
    }
}

/* --- behaviour --- */

void
carnet_evidence_look_behaviour(carnet_evidence_run *run)
{
    const carnet_bops_behaviour *behaviour = &run->response->behaviour;
    carnet_evidence_facts *facts = &run->evidence->facts;

    if (!behaviour->present)
        return;
    if (!behaviour->processed || behaviour->answer != 1 || behaviour->confidence_percent < 0 ||
        behaviour->confidence_percent > 100) {
        removed(run, CARNET_EVIDENCE_BEHAVIOUR, "the behaviour was not found to be the user's");
        return;
    }
    facts->behaviour_processed = true;
    facts->behaviour_positive = true;
    facts->behaviour_confidence = (unsigned)behaviour->confidence_percent * 10;
    carnet_evidence_find(run, CARNET_EVIDENCE_BEHAVIOUR, CARNET_EVIDENCE_VERIFIED, CARNET_OK, NULL);
}
