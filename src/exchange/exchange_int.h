/* exchange_int.h: what the files of exchange share with one another and the tests. */
#ifndef STAVE_EXCHANGE_INT_H
#define STAVE_EXCHANGE_INT_H

#include "exchange/exchange.h"

/* Offset of the first byte that is not UTF-8 (NUL counts as such); s.n if there is none. */
size_t exchange_utf8_bad(Str s);

/* is_theirs: goes back to whom it came from, so a formula stays as it is. */
void exchange_csv_cell(Buf *b, Str cell, bool is_first, bool is_theirs);

#endif
