/* ossl.h: OpenSSL's headers beside ours: both have an ERR_STATE. Whoever needs OpenSSL includes
 * this. */
#ifndef STAVE_OSSL_H
#define STAVE_OSSL_H

#define ERR_STATE ossl_err_state_type
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#undef ERR_STATE

#endif
