/* SPDX-License-Identifier: Apache-2.0 */
/* A bank in memory: one customer, a journal, a link in each version, and messages to it.  For tests and fuzz targets. */
#ifndef CARNET_TEST_BANK_H
#define CARNET_TEST_BANK_H
#include "carnet/debit.h"
#include "carnet/ledger.h"

#define BANK_NOW       INT64_C(1795226523) /* 2026-11-21 02:02:03, by the customer's clock 120 s after authenticating */
#define BANK_TIME      "1121020203"
#define BANK_PAN       "4761739001010119"
#define BANK_TERMINAL  "ATM00001"
#define BANK_REFERENCE "ST0000000042"
#define BANK_VECTOR    "Ce.Cf.Cg.Cj.Cn.Co"
#define BANK_RECORDS   48

typedef struct bank_record {
    carnet_debit_record record;
    char origin[CARNET_DEBIT_ORIGIN + 1], reference[16], staged[24];
    uint8_t answer[CARNET_DEBIT_ANSWER];
} bank_record;

/** What is kept: assign it to undo. */
typedef struct bank_books {
    unsigned records, movements;
    int64_t last;
    carnet_ledger_account customer, settlement, funding;
    unsigned pin_tries;
    carnet_ledger_movement movement[BANK_RECORDS];
    bank_record record[BANK_RECORDS];
} bank_books;

typedef struct bank {
    carnet_crypto crypto;
    carnet_key key; /* the identity provider's */
    carnet_iso8583_spec spec[3];
    carnet_debit_link link[3];
    carnet_debit_signer signer;
    carnet_risk_row rows[2];
    carnet_vector_request request[2];
    carnet_debit_policy policy;
    carnet_debit_journal journal;
    carnet_authorization_host host;
    carnet_pin pin;
    bool answers_nothing; /* the host fails */
    bank_books books;
    carnet_debit debit; /* the last one */
} bank;

/** False: no cryptography, or the codec refuses its own tables. */
bool bank_open(bank *b);
void bank_close(bank *b);
/** Books anew: 1000.00 with the customer. */
void bank_reset(bank *b);
/** True if the ledger is sound. */
bool bank_sound(const bank *b);

/** A message; what is NULL or 0 is left out or has its usual value. */
typedef struct bank_ask {
    const char *mti, *code, *amount, *currency, *trace, *time, *terminal, *acquirer, *reference, *pan, *account;
    const char *original, *actual, *network;
    /* The vector; staged NULL: none.  "-" in one of the texts: leave it out. */
    const char *staged, *vector, *key_id, *signed_amount, *signed_terminal, *trustmark;
    int64_t auth_time, expiry;
    bool unsigned_vector, pin;
    uint8_t session, pin_wrong, mac_wrong;
} bank_ask;
/** Build it for the link of a version, appended. */
carnet_rc bank_message(bank *b, carnet_iso8583_version version, const bank_ask *ask, carnet_buf *out);
/** A withdrawal of 200.00 as it should be. */
bank_ask bank_withdrawal(void);
/** Read and decide, as a service does; resolution NULL: none is there.  A failure has undone the books. */
carnet_rc bank_receive(bank *b, carnet_iso8583_version version, carnet_span octets,
                       const carnet_debit_resolution *resolution);

#endif
