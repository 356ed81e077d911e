/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of a test, made in a new folder: two authorities that do not know each other, and what they certified. */
#ifndef CARNET_TEST_LINK_PAYMENT_CERTIFICATES_H
#define CARNET_TEST_LINK_PAYMENT_CERTIFICATES_H

typedef struct certificates {
    char folder[64];
    char ca[96], other_ca[96];           /* PEM */
    char server[96], server_key[96];     /* by `ca`, for 127.0.0.1 and "host.example" */
    char client[96], client_key[96];     /* by `ca` */
    char stranger[96], stranger_key[96]; /* by `other_ca` */
} certificates;

void certificates_make(certificates *c);
void certificates_remove(certificates *c);

#endif
