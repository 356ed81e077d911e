/* SPDX-License-Identifier: Apache-2.0 */
/* Heads of requests and answers. */
#include "carnet/http.h"

void
carnet_http_build_request(carnet_buf *out, carnet_str host, size_t body_len)
{
    carnet_buf_add_text(out, "POST /mdoc HTTP/1.1\r\nHost: ");
    carnet_buf_add_str(out, host);
    carnet_buf_add_text(out, "\r\nContent-Type: application/cbor\r\nContent-Length: ");
    carnet_buf_add_uint(out, body_len);
    carnet_buf_add_text(out, "\r\n\r\n");
}

void
carnet_http_build_response(carnet_buf *out, unsigned status, size_t body_len, bool close)
{
    carnet_buf_add_text(out, "HTTP/1.1 ");
    carnet_buf_add_uint(out, status);
    carnet_buf_add_text(out, " ");
    carnet_buf_add_text(out, carnet_http_status_text(status));
    if (status >= 200) { /* an interim answer has no body, and no length of one */
        carnet_buf_add_text(out, body_len != 0 ? "\r\nContent-Type: application/cbor" : "");
        carnet_buf_add_text(out, "\r\nContent-Length: ");
        carnet_buf_add_uint(out, body_len);
        carnet_buf_add_text(out, close ? "\r\nConnection: close" : "");
    }
    if (status == 405) {
        carnet_buf_add_text(out, "\r\nAllow: POST");
    }
    carnet_buf_add_text(out, "\r\n\r\n");
}

const char *
carnet_http_status_text(unsigned status)
{
    static const struct {
        unsigned status;
        const char *text;
    } texts[] = {
        { 100, "Continue" },
        { 200, "OK" },
        { 204, "No Content" },
        { 400, "Bad Request" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 408, "Request Timeout" },
        { 411, "Length Required" },
        { 413, "Content Too Large" },
        { 415, "Unsupported Media Type" },
        { 417, "Expectation Failed" },
        { 431, "Request Header Fields Too Large" },
        { 500, "Internal Server Error" },
        { 501, "Not Implemented" },
        { 503, "Service Unavailable" },
        { 505, "HTTP Version Not Supported" },
    };

    for (size_t i = 0; i < CARNET_COUNT(texts); i++) {
        if (texts[i].status == status) {
            return texts[i].text;
        }
    }
    return status < 200 ? "Interim" : status < 300 ? "Success" : status < 400 ? "Redirection" : "Error";
}
