/* SPDX-License-Identifier: Apache-2.0 */
/* Drawings within a page, as SVG: a QR code, and counts over time. */
#ifndef CARNET_WEB_SVG_H
#define CARNET_WEB_SVG_H
#include "carnet/web.h"
CARNET_BEGIN_DECLS

/** Draw the QR code of a text (ISO/IEC 18004, level M, or L if it is long) with a quiet zone, black on white in both schemes.
 *  CARNET_E_LIMIT: longer than a QR code holds. */
carnet_rc carnet_page_qr(carnet_page *page, carnet_str text, carnet_text description, carnet_err *err);

#define CARNET_PLOT_DAYS   366
#define CARNET_PLOT_SERIES 3

/** Counts a day, in up to three series that differ by pattern and colour. */
typedef struct carnet_plot {
    const carnet_text *names;
    size_t series;
    carnet_date first; /**< the first day */
    size_t days;
    const uint32_t *counts[CARNET_PLOT_SERIES];
    carnet_text title;
} carnet_plot;

/** Draw stacked columns with axes and a legend.  A table beside it (carnet_page_plot_table) says the same in words. */
void carnet_page_plot(carnet_page *page, const carnet_plot *plot);
void carnet_page_plot_table(carnet_page *page, const carnet_plot *plot);

CARNET_END_DECLS
#endif
