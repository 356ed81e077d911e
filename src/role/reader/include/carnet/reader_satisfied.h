/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether an answer satisfies its question: DocRequests with alternatives and
 * issuers, use cases with their document sets (18013-5 10.2.5, 10.2.6).
 *
 * Nothing is kept or allocated, and authenticity is not looked at: that is
 * carnet_reader_judge()'s.
 */
#ifndef CARNET_READER_SATISFIED_H
#define CARNET_READER_SATISFIED_H
#include "carnet/reader.h"
CARNET_BEGIN_DECLS

#define CARNET_SATISFACTION_USE_CASES_MAX 32

/** What an answer satisfies. */
typedef struct carnet_satisfaction {
    uint32_t doc_requests; /**< bit i: DocRequest i is, by one document with all elements asked for or alternatives */
    uint32_t encrypted;    /**< bit i: its answer is encrypted to another: it may be */
    uint32_t use_cases;    /**< bit i: a document set of use case i is */
    uint32_t twice;        /**< bit i: more than one is, be it that one document answers more than one DocRequest */
    bool satisfied;        /**< all mandatory use cases and at least one, or without any all DocRequests */
} carnet_satisfaction;

/** Compare a DeviceResponse with the DeviceRequest it answers.  Holder verification that is not returned is no lack. */
CARNET_API carnet_rc carnet_reader_satisfaction(carnet_span response, carnet_span request,
                                                carnet_satisfaction *satisfaction, carnet_err *err);
/** The same as an entry CARNET_CHECK_SATISFIES_REQUEST, undetermined where it depends on what is encrypted, and a failure if
 *  the response is longer than a DocRequest that was answered allows. */
CARNET_API void carnet_reader_check_satisfied(carnet_span response, carnet_span request, carnet_report *report);

CARNET_END_DECLS
#endif
