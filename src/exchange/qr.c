/* qr.c: QR codes as one SVG path of horizontal bars.                                    STACK: 8 */
#include "exchange/exchange_int.h"

#include <errno.h>
#include <qrencode.h>

enum {
    QR_TEXT_MAX = 2331, /* bytes that fit version 40 at level M */
};

int qr_path(Arena *a, Str text, Str *ret_path, int *ret_modules, Err *e)
{
    if (text.n == 0)
        return err_set(e, ERR_INVALID, "qr.empty");
    if (text.n > QR_TEXT_MAX)
        return err_set(e, ERR_LIMIT, "qr.long", err_int(e, QR_TEXT_MAX));
    QRcode *code = QRcode_encodeData((int)text.n, (const unsigned char *)text.p, 0, QR_ECLEVEL_M);
    CHECK(code); /* within the limits only memory can be wanting */
    Buf b = {.arena = a};
    int width = code->width;
    for (int y = 0; y < width; y++) {
        const unsigned char *row = code->data + (ptrdiff_t)y * width;
        for (int x = 0; x < width; x++) {
            int from = x;
            while (x < width && (row[x] & 1))
                x++;
            if (x > from)
                buf_fmt(&b, "M%d %dh%dv1h-%dz", from, y, x - from, x - from);
        }
    }
    QRcode_free(code);
    *ret_path = buf_view(&b);
    *ret_modules = width;
    return 0;
}
