/* banned.h: functions that lead to mistakes are compile errors. Included by the compiler's
 * -include, so it also says which libc there is.                                     STYLE: R29 */
#ifndef STAVE_BANNED_H
#define STAVE_BANNED_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem, mkostemp, strerrordesc_np ... */
#endif
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok atoi atol atoll gets
#pragma GCC poison localtime gmtime ctime asctime setlocale system popen
/* not poisoned, as OpenSSL names a parameter so; an error all the same, by -Werror */
extern int rand(void) __attribute__((deprecated("use env_random")));
extern void srand(unsigned seed) __attribute__((deprecated("use env_random")));
extern long random(void) __attribute__((deprecated("use env_random")));
#endif
