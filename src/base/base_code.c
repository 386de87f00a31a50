/* base_code.c: numbers printed on papers. Texts come folded: trimmed, half-width, upper case.
 *                                                                            DOMAIN: 1.2 1.4 1.5 */
#include "base/base_int.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool all_digits(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_digit(s.p[i]))
            return false;
    return true;
}

/* GB 32100-2015: authority, category, 6 digits of place, 9 of organisation, check. The inner check
 * of GB 11714 is not asked: codes given before the reform do not all keep it. */
bool credit_code_ok(Str s)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const int weights[17] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    int sum = 0;
    if (s.n != 18 || !all_digits(str_sub(s, 2, 6)))
        return false;
    for (size_t i = 0; i < 18; i++) {
        const char *at = memchr(alphabet, s.p[i], sizeof alphabet - 1);
        if (!at)
            return false;
        int v = (int)(at - alphabet);
        if (i == 17)
            return v == (31 - sum % 31) % 31;
        sum += v * weights[i];
    }
    return false;
}

/* Plates use no I and no O, which look like digits. */
static bool is_plate_letter(char c)
{
    return c >= 'A' && c <= 'Z' && c != 'I' && c != 'O';
}

/* n characters of digits and letters, at most two letters. */
static bool plate_serial_ok(Str s, size_t n)
{
    size_t letters = 0;
    if (s.n != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (is_plate_letter(s.p[i]))
            letters++;
        else if (!is_digit(s.p[i]))
            return false;
    }
    return letters <= 2;
}

/* Six characters behind the letter: small ones begin with the kind of drive, large ones end so. */
static bool plate_electric_ok(Str s)
{
    if (s.n != 6)
        return false;
    if (all_digits(str_sub(s, 0, 5)))
        return s.p[5] == 'D' || s.p[5] == 'F';
    return memchr("ABCDEFGHJK", s.p[0], 10) && (is_digit(s.p[1]) || is_plate_letter(s.p[1])) &&
           all_digits(str_sub(s, 2, 4));
}

bool plate_ok(Str s)
{
    const Str provinces = S("京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新");
    static const Str tails[] = {{"挂", 3}, {"学", 3}, {"警", 3}, {"港", 3}, {"澳", 3}};
    Str province = utf8_prefix(s, 1);
    if (province.n != 3 || str_find(provinces, province) < 0)
        return false;
    s = str_sub(s, 3, s.n);
    if (!s.n || !is_plate_letter(s.p[0]))
        return false;
    s = str_sub(s, 1, s.n);
    for (size_t i = 0; i < LEN(tails); i++)
        if (str_ends(s, tails[i]))
            return plate_serial_ok(str_sub(s, 0, s.n - tails[i].n), 4);
    return plate_serial_ok(s, 5) || plate_electric_ok(s);
}

/* The place in it is frozen at the registration campaign, so it is not compared with any list. */
bool parcel_code_ok(Str s)
{
    return s.n == 19 && all_digits(s);
}
