/* SPDX-License-Identifier: Apache-2.0 */
/* carnet ca init, signer, reader and link. */
#include "ca.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAYS(n) ((carnet_time)(n)*CARNET_TIME_DAY)

/** What was made, for telling. */
typedef struct made {
    const char *kind, *path, *key_path; /* key_path NULL: the key was not made here */
    carnet_certificate certificate;
} made;

static void
print_field(const char *name, const char *text, bool json)
{
    if (json) {
        printf(",\n  \"%s\": ", name);
        cli_json_string(stdout, carnet_str_of(text));
    } else {
        printf("  %-15s%s\n", name, text);
    }
}

static void
print_hex(const char *name, carnet_span bytes, bool json)
{
    carnet_str hex = ca_hex(bytes);

    print_field(name, (const char *)cli_keep(carnet_str_bytes(hex)).ptr, json);
}

static void
tell(const made *m, bool json)
{
    carnet_buf subject = cli_buf(2 * m->certificate.subject.len + 16);
    char from[CARNET_TIME_TEXT_MAX], until[CARNET_TIME_TEXT_MAX];

    carnet_time_text(m->certificate.not_before, from);
    carnet_time_text(m->certificate.not_after, until);
    carnet_name_text(m->certificate.subject, &subject);
    if (json) {
        printf("{\n  \"kind\": ");
        cli_json_string(stdout, carnet_str_of(m->kind));
    } else {
        printf("%s\n", m->kind);
    }
    print_field("subject", (const char *)cli_keep(carnet_buf_span(&subject)).ptr, json);
    print_field("certificate", m->path, json);
    if (m->key_path != NULL) {
        print_field("key", m->key_path, json);
    }
    print_field("curve", carnet_curve_get(m->certificate.public_key.curve)->name, json);
    print_hex("serial", m->certificate.serial, json);
    print_hex("keyIdentifier", m->certificate.subject_key_id, json);
    print_field("notBefore", from, json);
    print_field("notAfter", until, json);
    fputs(json ? "\n}\n" : "", stdout);
}

/** Subject and validity as the command line gives them. */
static carnet_certificate_spec
spec_of(const ca_arguments *a, const carnet_certificate_profile *profile, carnet_time lasting)
{
    carnet_time from = a->valid_from != NULL ? cli_time(a->valid_from, cli_now()) : cli_now();

    return (carnet_certificate_spec){
        .struct_size = sizeof(carnet_certificate_spec),
        .profile = profile,
        .subject = { .country = carnet_str_of(a->country),
                     .state = carnet_str_of(a->state),
                     .locality = carnet_str_of(a->locality),
                     .organisation = carnet_str_of(a->organisation),
                     .common_name = carnet_str_of(a->name) },
        .not_before = from,
        .not_after = a->valid_until != NULL ? cli_time(a->valid_until, from) : from + lasting,
        .issuer_email = carnet_str_of(a->email),
        .issuer_uri = carnet_str_of(a->uri),
        .crl_uri = carnet_str_of(a->crl_uri),
    };
}

/** Without a time on the command line, no longer than the issuer. */
static void
end_with_issuer(const ca_arguments *a, const ca_authority *ca, carnet_certificate_spec *spec)
{
    if (a->valid_until == NULL && spec->not_after > ca->certificate.not_after) {
        spec->not_after = ca->certificate.not_after;
    }
    if (a->crl_uri == NULL) {
        spec->crl_uri = carnet_str_of(ca->crl_uri);
    }
}

static void
generate(const ca_arguments *a, carnet_crypto *crypto, carnet_key *key)
{
    carnet_err err = { 0 };

    if (carnet_software_key_generate(crypto, a->curve != NULL ? cli_curve(a->curve) : CARNET_CURVE_P256,
                                     CARNET_KEY_SIGN, key, &err) != CARNET_OK) {
        cli_die("the key", &err);
    }
}

static void
build(const carnet_certificate_spec *spec, const carnet_certificate *issuer, carnet_key *key, carnet_crypto *crypto,
      made *m)
{
    carnet_buf der = cli_buf(2 * CARNET_CERTIFICATE_MAX);
    carnet_err err = { 0 };

    if (carnet_certificate_build(spec, issuer, key, crypto, &der, &err) != CARNET_OK ||
        carnet_certificate_open(carnet_buf_span(&der), &m->certificate, &err) != CARNET_OK) {
        cli_die(m->kind, &err);
    }
}

int
ca_init(const ca_arguments *a, carnet_crypto *crypto)
{
    const carnet_certificate_profile *profile = a->reader ? &carnet_profile_reader_authority : &carnet_profile_iaca;
    carnet_certificate_spec spec = spec_of(a, profile, DAYS(3650));
    ca_authority ca = { .directory = a->directory, .reader = a->reader, .crl_uri = a->crl_uri };
    made m = { .kind = profile->name,
               .path = cli_join(a->directory, "ca.pem"),
               .key_path = cli_join(a->directory, "ca.key") };

    if (a->name == NULL || (a->country == NULL && !a->reader)) {
        cli_usage("an authority needs --name%s", a->reader ? "" : " and --country");
    }
    generate(a, crypto, &ca.key);
    spec.public_key = ca.key.public_key;
    /* The list's place goes into what the root signs; a root itself is not on that list (B.1.2). */
    spec.crl_uri = (carnet_str){ 0 };
    build(&spec, NULL, &ca.key, crypto, &m);
    cli_make_directory(a->directory, 0755);
    ca_lock(a->directory);
    ca_refuse_existing(m.key_path, a->force);
    ca_refuse_existing(m.path, a->force);
    /* What another authority in this place issued is none of this one's. */
    unlink(cli_join(a->directory, "issued"));
    unlink(cli_join(a->directory, "revoked"));
    cli_write_key(m.key_path, &ca.key);
    cli_write_pem(m.path, "CERTIFICATE", m.certificate.der);
    ca_write_state(&ca);
    carnet_key_done(&ca.key);
    tell(&m, a->json);
    return CLI_VALID;
}

/** The text of a part of the authority's name; empty if it has none. */
static carnet_str
authority_part(const ca_authority *ca, carnet_name_attribute attribute)
{
    carnet_name_value value;

    return carnet_name_get(ca->certificate.subject, attribute, &value) ? value.text : (carnet_str){ 0 };
}

static unsigned
arcs_of(const char *arc)
{
    if (arc == NULL || strcmp(arc, "both") == 0) {
        return CARNET_ARC_MDL | CARNET_ARC_MDOC;
    }
    if (strcmp(arc, "mdl") == 0) {
        return CARNET_ARC_MDL;
    }
    if (strcmp(arc, "mdoc") == 0) {
        return CARNET_ARC_MDOC;
    }
    cli_usage("there is no arc \"%s\": mdl, mdoc or both", arc);
}

static const carnet_certificate_profile *
profile_of(const ca_arguments *a, unsigned arcs)
{
    if (a->action == CA_READER) {
        return &carnet_profile_reader;
    }
    return arcs & CARNET_ARC_MDL ? &carnet_profile_document_signer_mdl : &carnet_profile_document_signer_mdoc;
}

/** A document signer or a reader: profile, names and arcs; the key comes later. */
static carnet_certificate_spec
end_entity_spec(const ca_arguments *a, const ca_authority *ca)
{
    unsigned arcs = arcs_of(a->arc);
    carnet_certificate_spec spec = spec_of(a, profile_of(a, arcs), DAYS(365));

    spec.arcs = arcs;
    end_with_issuer(a, ca, &spec);
    if (a->action == CA_SIGNER && a->country == NULL) {
        spec.subject.country = authority_part(ca, CARNET_NAME_COUNTRY);
    }
    if (a->action == CA_SIGNER && a->state == NULL) {
        spec.subject.state = authority_part(ca, CARNET_NAME_STATE);
    }
    return spec;
}

int
ca_end_entity(const ca_arguments *a, carnet_crypto *crypto)
{
    carnet_certificate_spec spec;
    carnet_key key = { 0 };
    ca_authority ca;
    made m = { 0 };

    if (a->name == NULL || a->output == NULL) {
        cli_usage("a certificate needs --name and --output");
    }
    if (a->public_key != NULL && a->curve != NULL) {
        cli_usage("--curve is for a key to be made, --public-key is one already");
    }
    ca_open(a->directory, crypto, &ca);
    if (ca.reader && a->action == CA_SIGNER) {
        cli_die_text(a->directory, "this authority is one of readers: it signs no document signers");
    }
    spec = end_entity_spec(a, &ca);
    m = (made){ .kind = spec.profile->name, .path = ca_path(a->output, ".pem") };
    ca_refuse_existing(m.path, a->force);
    if (a->public_key != NULL) {
        cli_read_public_key(a->public_key, crypto, &spec.public_key);
    } else {
        m.key_path = ca_path(a->output, ".key");
        ca_refuse_existing(m.key_path, a->force);
        generate(a, crypto, &key);
        spec.public_key = key.public_key;
    }
    build(&spec, &ca.certificate, &ca.key, crypto, &m);
    if (m.key_path != NULL) {
        cli_write_key(m.key_path, &key);
    }
    ca_note_issued(&ca, &m.certificate, a->action == CA_READER ? "reader" : "signer");
    cli_write_pem(m.path, "CERTIFICATE", m.certificate.der);
    carnet_key_done(&key);
    carnet_key_done(&ca.key);
    tell(&m, a->json);
    return CLI_VALID;
}

/** Locking one twice would wait for ever. */
static bool
same_directory(const char *one, const char *other)
{
    struct stat a, b;

    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int
ca_link(const ca_arguments *a, carnet_crypto *crypto)
{
    carnet_certificate_spec spec = spec_of(a, &carnet_profile_iaca_link, DAYS(3650));
    made m = { .kind = carnet_profile_iaca_link.name };
    ca_authority old, new;

    if (a->old == NULL) {
        cli_usage("a link certificate needs --old, the directory of the authority that is followed");
    }
    if (same_directory(a->old, a->directory)) {
        cli_usage("--old and --directory are the same authority");
    }
    m.path = a->output != NULL ? a->output : cli_join(a->directory, "link.pem");
    ca_open(a->old, crypto, &old);
    ca_open(a->directory, crypto, &new);
    if (old.reader || new.reader) {
        cli_die_text(old.reader ? a->old : a->directory, "only an IACA is linked to another");
    }
    ca_refuse_existing(m.path, a->force);
    spec.subject_der = new.certificate.subject;
    spec.public_key = new.certificate.public_key;
    end_with_issuer(a, &old, &spec);
    if (a->valid_until == NULL && spec.not_after > new.certificate.not_after) {
        spec.not_after = new.certificate.not_after;
    }
    build(&spec, &old.certificate, &old.key, crypto, &m);
    ca_note_issued(&old, &m.certificate, "link");
    cli_write_pem(m.path, "CERTIFICATE", m.certificate.der);
    carnet_key_done(&old.key);
    carnet_key_done(&new.key);
    tell(&m, a->json);
    return CLI_VALID;
}
