/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes (ISO/IEC 18004): drawn in the terminal, as PNG and as SVG; read from images where zbar is there. */
#include "built_with.h"
#include "cli.h"

#include <errno.h>
#include <png.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#if CARNET_HAVE_ZBAR
#include <zbar.h>
#endif

enum { QUIET = 4, SCALE = 6, PNG_MESSAGE_MAX = 64 };

static QRcode *
encode(carnet_str text)
{
    carnet_span kept = cli_keep(carnet_str_bytes(text));
    QRcode *code = QRcode_encodeString8bit((const char *)kept.ptr, 0, QR_ECLEVEL_M);

    if (code == NULL) {
        cli_die_text("QR code", strerror(errno));
    }
    return code;
}

static bool
dark(const QRcode *code, int x, int y)
{
    return x >= 0 && y >= 0 && x < code->width && y < code->width && (code->data[y * code->width + x] & 1) != 0;
}

void
cli_qr_print(carnet_str text)
{
    QRcode *code = encode(text);

    /* Two modules to a line; light modules are drawn, so that it reads on dark terminals, and on light ones inverted. */
    for (int y = -2; y < code->width + 2; y += 2) {
        for (int x = -2; x < code->width + 2; x++) {
            bool top = !dark(code, x, y), bottom = !dark(code, x, y + 1);

            fputs(top && bottom ? "█" : top ? "▀" : bottom ? "▄" : " ", stdout);
        }
        fputc('\n', stdout);
    }
    QRcode_free(code);
}

static void
write_png(const char *path, const QRcode *code)
{
    int side = (code->width + 2 * QUIET) * SCALE;
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = (png_uint_32)side, .height = (png_uint_32)side, .format = PNG_FORMAT_GRAY
    };
    uint8_t *pixels = cli_alloc((size_t)side * (size_t)side);

    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            pixels[y * side + x] = dark(code, x / SCALE - QUIET, y / SCALE - QUIET) ? 0 : 255;
        }
    }
    if (png_image_write_to_file(&image, path, 0, pixels, 0, NULL) == 0) {
        cli_die_text(path, image.message);
    }
    free(pixels);
}

static void
write_svg(const char *path, const QRcode *code)
{
    int side = code->width + 2 * QUIET;
    FILE *out = fopen(path, "we");

    if (out == NULL) {
        cli_die_text(path, strerror(errno));
    }
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
            "<title>mdoc engagement</title><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
            side, side, side, side);
    for (int y = 0; y < code->width; y++) {
        for (int x = 0; x < code->width; x++) {
            if (dark(code, x, y)) {
                fprintf(out, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
            }
        }
    }
    fputs("\"/></svg>\n", out);
    if (fclose(out) != 0) {
        cli_die_text(path, strerror(errno));
    }
}

void
cli_qr_write(const char *path, carnet_str text)
{
    QRcode *code = encode(text);
    size_t len = strlen(path);

    if (len > 4 && strcasecmp(path + len - 4, ".svg") == 0) {
        write_svg(path, code);
    } else {
        write_png(path, code);
    }
    QRcode_free(code);
}

bool
cli_qr_can_read(void)
{
    return CARNET_HAVE_ZBAR;
}

#if CARNET_HAVE_ZBAR
static carnet_str
scan(const uint8_t *pixels, unsigned width, unsigned height)
{
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    zbar_image_t *image = zbar_image_create();
    carnet_str text = { 0 };
    const zbar_symbol_t *symbol;

    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
    zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
    zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
    zbar_image_set_size(image, width, height);
    zbar_image_set_data(image, pixels, (unsigned long)width * height, NULL);
    zbar_scan_image(scanner, image);
    symbol = zbar_image_first_symbol(image);
    if (symbol != NULL) {
        carnet_span kept = cli_keep(carnet_span_of(zbar_symbol_get_data(symbol), zbar_symbol_get_data_length(symbol)));

        text = (carnet_str){ (const char *)kept.ptr, kept.len };
    }
    zbar_image_destroy(image);
    zbar_image_scanner_destroy(scanner);
    return text;
}

const char *
cli_qr_scan(const char *path, carnet_str *text)
{
    static char why[PNG_MESSAGE_MAX];
    png_image image = { .version = PNG_IMAGE_VERSION };
    uint8_t *pixels;

    *text = (carnet_str){ 0 };
    if (png_image_begin_read_from_file(&image, path) == 0) {
        snprintf(why, sizeof why, "%s", image.message);
        return why;
    }
    image.format = PNG_FORMAT_GRAY;
    if (image.width > 8192 || image.height > 8192) {
        png_image_free(&image);
        return "the image is larger than 8192 by 8192";
    }
    pixels = cli_alloc(PNG_IMAGE_SIZE(image));
    if (png_image_finish_read(&image, &(png_color){ 255, 255, 255 }, pixels, 0, NULL) == 0) {
        snprintf(why, sizeof why, "%s", image.message);
        free(pixels);
        return why;
    }
    *text = scan(pixels, image.width, image.height);
    free(pixels);
    return text->ptr == NULL ? "there is no QR code in this image" : NULL;
}
#else
const char *
cli_qr_scan(const char *path, carnet_str *text)
{
    (void)path;
    *text = (carnet_str){ 0 };
    return "this build cannot read QR codes from images (libzbar was not found)";
}
#endif

carnet_str
cli_qr_read(const char *path)
{
    carnet_str text;
    const char *why = cli_qr_scan(path, &text);

    if (why != NULL) {
        cli_die_text(path, why);
    }
    return text;
}
