/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <qrencode.h>

#define QUIET 4 /* modules around the code (ISO/IEC 18004 9.1) */

/* One run of dark modules: "M x y h n v 1 h -n z". */
static void
add_run(carnet_buf *out, int x, int y, int n)
{
    carnet_buf_add_text(out, "M");
    carnet_buf_add_int(out, x + QUIET);
    carnet_buf_add_text(out, " ");
    carnet_buf_add_int(out, y + QUIET);
    carnet_buf_add_text(out, "h");
    carnet_buf_add_int(out, n);
    carnet_buf_add_text(out, "v1h-");
    carnet_buf_add_int(out, n);
    carnet_buf_add_text(out, "z");
}

static void
add_path(carnet_html *h, const QRcode *code)
{
    carnet_html_open(h, "path");
    carnet_html_set_text(h, "fill", "#000");
    for (int y = 0; y < code->width; y++) {
        uint8_t room[4096];
        carnet_buf line = carnet_buf_of(room, sizeof(room));

        for (int x = 0; x < code->width; x++) {
            int n = 0;

            while (x + n < code->width && (code->data[y * code->width + x + n] & 1) != 0)
                n++;
            if (n > 0)
                add_run(&line, x, y, n);
            x += n;
        }
        if (y == 0)
            carnet_html_set(h, "d", carnet_buf_str(&line));
        else if (line.len > 0) {
            carnet_html_close(h);
            carnet_html_open(h, "path");
            carnet_html_set_text(h, "fill", "#000");
            carnet_html_set(h, "d", carnet_buf_str(&line));
        }
    }
    carnet_html_close(h);
}

/* "0 0 n n" */
static void
set_box(carnet_html *h, int size)
{
    uint8_t room[48];
    carnet_buf box = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_text(&box, "0 0 ");
    carnet_buf_add_int(&box, size);
    carnet_buf_add_text(&box, " ");
    carnet_buf_add_int(&box, size);
    carnet_html_set(h, "viewBox", carnet_buf_str(&box));
}

carnet_rc
carnet_page_qr(carnet_page *page, carnet_str text, carnet_text description, carnet_err *err)
{
    carnet_html *h = &page->html;
    QRcode *code = NULL;

    if (text.len > 0 && text.len < 2900)
        code = QRcode_encodeData((int)text.len, (const unsigned char *)text.ptr, 0,
                                 text.len > 600 ? QR_ECLEVEL_L : QR_ECLEVEL_M);
    if (code == NULL)
        return carnet_fail(err, CARNET_E_LIMIT, "ISO/IEC 18004", "the text does not fit a QR code");
    carnet_html_open_class(h, "svg", "qr");
    set_box(h, code->width + 2 * QUIET);
    carnet_html_set_text(h, "role", "img");
    carnet_html_set_text(h, "aria-label", carnet_page_text(page, description));
    carnet_html_set_text(h, "shape-rendering", "crispEdges");
    carnet_html_open(h, "rect");
    carnet_html_set_text(h, "width", "100%");
    carnet_html_set_text(h, "height", "100%");
    carnet_html_set_text(h, "fill", "#fff");
    carnet_html_close(h);
    add_path(h, code);
    carnet_html_close(h);
    QRcode_free(code);
    return CARNET_OK;
}
