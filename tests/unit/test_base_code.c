/* credit codes, plates, parcel codes: the vectors of the standards and of DOMAIN 1.2, 1.4, 1.5 */
#include "base/base.h"
#include "test.h"

TEST(credit_codes)
{
    static const char *good[] = {"91350100M000100Y43", "N2410823MF0000013D", "93410823MA0000015K",
                                 "91410882MA00000233", "54410823ME00000362", "12410800MB00000193"};
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    for (size_t i = 0; i < LEN(good); i++) {
        char code[19];
        EXPECT(credit_code_ok(str_of(good[i])));
        memcpy(code, good[i], sizeof code);
        for (size_t c = 0; c + 1 < sizeof alphabet; c++) { /* only one check digit fits */
            code[17] = alphabet[c];
            EXPECT(credit_code_ok(str_of(code)) == (alphabet[c] == good[i][17]));
        }
        memcpy(code, good[i], sizeof code);
        code[9] = code[9] == '5' ? '6' : '5';
        EXPECT(!credit_code_ok(str_of(code)));
    }
    EXPECT(!credit_code_ok(S("91350100M000100Y4")));
    EXPECT(!credit_code_ok(S("91350100M000100Y433")));
    EXPECT(!credit_code_ok(S("91350100m000100y43")));
    EXPECT(!credit_code_ok(S("91350100M000100Y4\0")));
    EXPECT(!credit_code_ok(S("9135010OM000100Y43")));
    EXPECT(!credit_code_ok(S("")));
    EXPECT(!credit_code_ok(STR_NONE));
}

TEST(plates)
{
    static const char *good[] = {"豫H12345", "豫HA12B3", "豫H1234挂", "豫HD12345", "豫H12345D",
                                 "豫HD1234", "豫H1234学", "豫H1234警", "粤Z1234港", "粤Z12A4澳",
                                 "京A12345", "新A99999", "豫HKA1234", "豫H12345F"};
    static const char *bad[] = {"豫H1234O", "豫HD123",  "豫H1234D5", "豫I12345",  "豫HABC12",
                                "H12345",   "豫12345",  "豫",        "",          "豫H",
                                "焦H12345", "豫h12345", "豫H12345挂", "豫H123挂", "豫H12345E",
                                "豫HL12345", "豫HDAB345", "豫H１2345", "豫O12345", "豫H12 45",
                                "挂H1234",  "豫H123456", "豫H1234使"};
    for (size_t i = 0; i < LEN(good); i++)
        EXPECT(plate_ok(str_of(good[i])));
    for (size_t i = 0; i < LEN(bad); i++)
        EXPECT(!plate_ok(str_of(bad[i])));
    EXPECT(!plate_ok(STR_NONE));
    EXPECT(!plate_ok(S("\xAC\xE6\xB4" "A12345"))); /* bytes across two provinces */
}

TEST(parcel_codes)
{
    EXPECT(parcel_code_ok(S("4108821012030100001")));
    EXPECT(!parcel_code_ok(S("410882101203010001")));   /* 18: a contractor */
    EXPECT(!parcel_code_ok(S("410882101203010001J")));  /* a contract */
    EXPECT(!parcel_code_ok(S("41088210120301000011")));
    EXPECT(!parcel_code_ok(S("")));
}
