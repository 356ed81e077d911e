/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdio.h>

/* In units of the drawing, which scales with the page. */
#define WIDTH  720
#define HEIGHT 240
#define LEFT   44
#define RIGHT  8
#define TOP    12
#define BOTTOM 28
#define INNER  (HEIGHT - TOP - BOTTOM)

static const char *const series_class[CARNET_PLOT_SERIES] = { "series a", "series b", "series c" };
static const char *const series_fill[CARNET_PLOT_SERIES] = { "fill a", "url(#hatch)", "url(#dots)" };

static void
set_real(carnet_html *h, const char *name, double value)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%.2f", value);
    carnet_html_set_text(h, name, text);
}

static void
rectangle(carnet_html *h, const char *class_name, double x, double y, double width, double height)
{
    carnet_html_open_class(h, "rect", class_name);
    set_real(h, "x", x);
    set_real(h, "y", y);
    set_real(h, "width", width);
    set_real(h, "height", height);
    carnet_html_close(h);
}

static void
label(carnet_html *h, const char *anchor, double x, double y, carnet_str text)
{
    carnet_html_open(h, "text");
    set_real(h, "x", x);
    set_real(h, "y", y);
    carnet_html_set_text(h, "text-anchor", anchor);
    carnet_html_text(h, text);
    carnet_html_close(h);
}

static void
line(carnet_html *h, const char *class_name, double x1, double y1, double x2, double y2)
{
    carnet_html_open_class(h, "line", class_name);
    set_real(h, "x1", x1);
    set_real(h, "y1", y1);
    set_real(h, "x2", x2);
    set_real(h, "y2", y2);
    carnet_html_close(h);
}

/* The second series is hatched and the third dotted, so that they differ without colour. */
static void
add_patterns(carnet_html *h)
{
    carnet_html_open(h, "defs");
    carnet_html_open(h, "pattern");
    carnet_html_set_text(h, "id", "hatch");
    carnet_html_set_text(h, "width", "6");
    carnet_html_set_text(h, "height", "6");
    carnet_html_set_text(h, "patternUnits", "userSpaceOnUse");
    carnet_html_set_text(h, "patternTransform", "rotate(45)");
    rectangle(h, "ground b", 0, 0, 6, 6);
    rectangle(h, "ink b", 0, 0, 3, 6);
    carnet_html_close(h);
    carnet_html_open(h, "pattern");
    carnet_html_set_text(h, "id", "dots");
    carnet_html_set_text(h, "width", "6");
    carnet_html_set_text(h, "height", "6");
    carnet_html_set_text(h, "patternUnits", "userSpaceOnUse");
    rectangle(h, "ground c", 0, 0, 6, 6);
    rectangle(h, "ink c", 2, 2, 3, 3);
    carnet_html_close(h);
    carnet_html_close(h);
}

static size_t
series_of(const carnet_plot *plot)
{
    return plot->series < CARNET_PLOT_SERIES ? plot->series : CARNET_PLOT_SERIES;
}

static uint32_t
total_of(const carnet_plot *plot, size_t day)
{
    uint32_t total = 0;

    for (size_t s = 0; s < series_of(plot); s++)
        total += plot->counts[s][day];
    return total;
}

/* The axis' end: 1, 2 or 5 times a power of ten, at least 4. */
static uint32_t
ceiling(const carnet_plot *plot)
{
    static const uint32_t steps[] = { 1, 2, 5 };
    uint32_t most = 4;

    for (size_t d = 0; d < plot->days; d++)
        if (total_of(plot, d) > most)
            most = total_of(plot, d);
    for (uint32_t power = 1; power < 1000000000; power *= 10)
        for (size_t i = 0; i < CARNET_COUNT(steps); i++)
            if (steps[i] * power * 4 >= most)
                return steps[i] * power * 4;
    return most;
}

static void
add_axis(carnet_html *h, uint32_t top)
{
    for (uint32_t i = 0; i <= 4; i++) {
        double y = TOP + INNER - (double)INNER * i / 4;
        uint8_t room[16];
        carnet_buf digits = carnet_buf_of(room, sizeof(room));

        carnet_buf_add_uint(&digits, top / 4 * i);
        line(h, i == 0 ? "axis" : "rule", LEFT, y, WIDTH - RIGHT, y);
        label(h, "end", LEFT - 6, y + 4, carnet_buf_str(&digits));
    }
}

static carnet_date
day_of(const carnet_plot *plot, size_t day)
{
    return carnet_date_of_time(carnet_time_of_date(plot->first) + (carnet_time)day * CARNET_TIME_DAY);
}

static void
add_days(carnet_html *h, const carnet_plot *plot, double step)
{
    size_t every = plot->days > 7 ? (plot->days + 5) / 6 : 1;

    for (size_t d = 0; d < plot->days; d += every) {
        char text[11];

        carnet_date_text(day_of(plot, d), text);
        label(h, "middle", LEFT + step * ((double)d + 0.5), HEIGHT - 8, carnet_str_of(text + 5));
    }
}

static void
add_columns(carnet_html *h, const carnet_plot *plot, double step, uint32_t top)
{
    double width = step > 3 ? step * 0.72 : step;

    for (size_t d = 0; d < plot->days; d++) {
        double y = TOP + INNER;

        for (size_t s = 0; s < series_of(plot); s++) {
            double height = (double)INNER * plot->counts[s][d] / top;

            y -= height;
            if (plot->counts[s][d] == 0)
                continue;
            carnet_html_open_class(h, "rect", series_class[s]);
            set_real(h, "x", LEFT + step * (double)d + (step - width) / 2);
            set_real(h, "y", y);
            set_real(h, "width", width);
            set_real(h, "height", height);
            if (s > 0)
                carnet_html_set_text(h, "fill", series_fill[s]);
            carnet_html_close(h);
        }
    }
}

static void
add_legend(carnet_page *page, const carnet_plot *plot)
{
    static const char *const swatches[CARNET_PLOT_SERIES] = { "swatch a", "swatch b", "swatch c" };
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "ul", "legend");
    for (size_t s = 0; s < series_of(plot); s++) {
        carnet_html_open(h, "li");
        carnet_html_open_class(h, "svg", swatches[s]);
        carnet_html_set_text(h, "viewBox", "0 0 14 14");
        carnet_html_set_text(h, "aria-hidden", "true");
        carnet_html_open_class(h, "rect", series_class[s]);
        carnet_html_set_text(h, "width", "14");
        carnet_html_set_text(h, "height", "14");
        if (s > 0)
            carnet_html_set_text(h, "fill", series_fill[s]);
        carnet_html_close(h);
        carnet_html_close(h);
        carnet_html_say(h, carnet_page_text(page, plot->names[s]));
        carnet_html_close(h);
    }
    carnet_html_close(h);
}

void
carnet_page_plot(carnet_page *page, const carnet_plot *plot)
{
    carnet_html *h = &page->html;
    uint32_t top = ceiling(plot);
    double step = plot->days > 0 ? (double)(WIDTH - LEFT - RIGHT) / (double)plot->days : 1;
    uint8_t room[32];
    carnet_buf box = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_text(&box, "0 0 ");
    carnet_buf_add_int(&box, WIDTH);
    carnet_buf_add_text(&box, " ");
    carnet_buf_add_int(&box, HEIGHT);
    carnet_html_open_class(h, "figure", "plot");
    /* On a phone the drawing is moved sideways: by finger, and by arrow keys once it has the focus. */
    carnet_html_open_class(h, "div", "scroll");
    carnet_html_set_text(h, "tabindex", "0");
    carnet_html_set_text(h, "role", "group");
    carnet_html_set_text(h, "aria-label", carnet_page_text(page, plot->title));
    carnet_html_open(h, "svg");
    carnet_html_set(h, "viewBox", carnet_buf_str(&box));
    carnet_html_set_text(h, "role", "img");
    carnet_html_set_text(h, "aria-label", carnet_page_text(page, plot->title));
    add_patterns(h);
    add_axis(h, top);
    add_columns(h, plot, step, top);
    add_days(h, plot, step);
    carnet_html_close(h);
    carnet_html_close(h);
    add_legend(page, plot);
    carnet_html_close(h);
}

static void
add_row(carnet_page *page, const carnet_plot *plot, size_t day)
{
    carnet_html *h = &page->html;
    char text[11];

    carnet_date_text(day_of(plot, day), text);
    carnet_html_open(h, "tr");
    carnet_html_open(h, "th");
    carnet_html_set_text(h, "scope", "row");
    carnet_html_say(h, text);
    carnet_html_close(h);
    for (size_t s = 0; s < series_of(plot); s++) {
        carnet_html_open_class(h, "td", "number");
        carnet_html_int(h, plot->counts[s][day]);
        carnet_html_close(h);
    }
    carnet_html_close(h);
}

/* Days without any count are left out. */
void
carnet_page_plot_table(carnet_page *page, const carnet_plot *plot)
{
    carnet_html *h = &page->html;

    carnet_html_open(h, "table");
    carnet_page_element(page, "caption", NULL, plot->title);
    carnet_html_open(h, "thead");
    carnet_html_open(h, "tr");
    carnet_html_open(h, "th");
    carnet_html_set_text(h, "scope", "col");
    carnet_html_say(h, carnet_page_text(page, CARNET_TEXT_DAY));
    carnet_html_close(h);
    for (size_t s = 0; s < series_of(plot); s++) {
        carnet_html_open_class(h, "th", "number");
        carnet_html_set_text(h, "scope", "col");
        carnet_html_say(h, carnet_page_text(page, plot->names[s]));
        carnet_html_close(h);
    }
    carnet_html_close(h);
    carnet_html_close(h);
    carnet_html_open(h, "tbody");
    for (size_t d = plot->days; d > 0; d--)
        if (total_of(plot, d - 1) > 0)
            add_row(page, plot, d - 1);
    carnet_html_close(h);
    carnet_html_close(h);
}
