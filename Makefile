# Stave: build, run, test. `make help` lists the targets.
#
# Everything built lies below B; sources made by the tools lie in B/gen and serve all variants.
#   make                    release                          build/stave
#   make dev                ASan, UBSan, -Werror             build/dev/stave
#   make test T=store       tests/unit/test_store*.c
#   make ROOMS="base store" only these rooms (for work on a lower room while an upper one is in pieces)
#   make B=/tmp/b           another build folder
B       ?= build
variant ?= release

ALL_ROOMS := base store model access flow figure record exchange web cli
ROOMS     ?= $(ALL_ROOMS)
PART      := $(if $(filter-out $(ROOMS),$(ALL_ROOMS)),-$(subst $(eval ) ,-,$(strip $(ROOMS))))
G         := $(B)/gen$(PART)
O         := $(B)/$(variant)$(PART)

ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
MAKEFLAGS += --no-builtin-rules --no-print-directory
SAY = @echo '  $(1)';

# ---- compiler --------------------------------------------------------------------------------
CC   := gcc
PKGS := libmicrohttpd sqlite3 libcrypto libsodium libpq yaml-0.1 jansson libutf8proc libqrencode \
        libturbojpeg libpng libzstd zlib expat
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LIBS = -Wl,--as-needed $(shell pkg-config --libs $(PKGS)) -lm -pthread

FLAGS  := -std=gnu17 -g -Wall -Wextra -Wconversion -Wshadow -pthread -Isrc -I$(G) $(PKG_CFLAGS)
BANNED := -include src/base/banned.h

ifeq ($(variant),release)
FLAGS   += -O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
LDFLAGS += -pie -Wl,-z,relro,-z,now
ifdef LTO
FLAGS   += -flto=auto
LDFLAGS += -flto=auto -O2
AR      := gcc-ar
endif
BIN := $(B)/stave$(PART)
else ifeq ($(variant),dev)
FLAGS   += -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
           -DSTAVE_DEBUG -Werror
LDFLAGS += -fsanitize=address,undefined
BIN := $(O)/stave
else ifeq ($(variant),tsan)
FLAGS   += -O1 -fsanitize=thread -fno-omit-frame-pointer -DSTAVE_DEBUG
LDFLAGS += -fsanitize=thread
BIN := $(O)/stave
else ifeq ($(variant),fuzz)
CC      := clang-14
FLAGS   += -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
           -fno-omit-frame-pointer -DSTAVE_DEBUG
LDFLAGS += -fsanitize=fuzzer,address,undefined
BIN :=
else
$(error variant is one of release dev tsan fuzz, not $(variant))
endif

# ---- what is built ---------------------------------------------------------------------------
SRC   := $(foreach r,$(ROOMS),$(sort $(wildcard src/$(r)/*.c)))
TPL   := $(if $(filter web,$(ROOMS)),$(sort $(wildcard ui/tpl/*.tpl)))
GEN   := sql i18n pinyin embed $(if $(TPL),tpl)
GEN_C := $(GEN:%=$(G)/%.c)
GEN_H := $(G)/sql.h $(G)/embed.h $(if $(TPL),$(G)/tpl.h)
OBJ   := $(SRC:%.c=$(O)/%.o) $(GEN:%=$(O)/gen/%.o)
LIB   := $(O)/libstave.a

.PHONY: all build gen dev run test sim check bench bench-bins unit-bins fuzz-bins fuzz-smoke tidy browser \
        clean help print-suites
.DELETE_ON_ERROR:
.PRECIOUS: $(O)/unit-obj/%.o

all: build
build: $(BIN)
gen: $(GEN_C) $(GEN_H)
dev:
	@$(MAKE) variant=dev build

$(BIN): $(OBJ) $(LIB).list
	$(call SAY,LD $@)$(CC) $(LDFLAGS) -o $@ $(OBJ) $(LIBS)

$(LIB): $(OBJ)
	@rm -f $@ && $(AR) qcs $@ $(OBJ)

# A file taken away must leave the archive too.
ifneq ($(strip $(shell cat $(LIB).list 2>/dev/null)),$(strip $(OBJ)))
$(shell mkdir -p $(dir $(LIB)) && echo '$(OBJ)' > $(LIB).list)
endif
$(LIB): $(LIB).list

$(O)/src/%.o: src/%.c Makefile | $(GEN_H)
	@mkdir -p $(@D)
	$(call SAY,CC $(variant) $<)$(CC) $(FLAGS) $(BANNED) -MMD -MP -c -o $@ $<

$(O)/gen/%.o: $(G)/%.c Makefile | $(GEN_H)
	@mkdir -p $(@D)
	$(call SAY,CC $(variant) $<)$(CC) $(FLAGS) $(BANNED) -MMD -MP -c -o $@ $<

# ---- tools and what they make ----------------------------------------------------------------
TOOL_CC := cc -std=gnu17 -O1 -g -Wall -Wextra -Wconversion -Wshadow -Werror -Isrc

$(B)/tools/tool.o: tools/tool.c tools/tool.h
	@mkdir -p $(@D)
	@$(TOOL_CC) -c -o $@ $<

$(B)/tools/%: tools/%.c $(B)/tools/tool.o tools/tool.h
	@mkdir -p $(@D)
	$(call SAY,CC $<)$(TOOL_CC) -o $@ $< $(B)/tools/tool.o

# A tool leaves a file alone when its text would be the same; the stamp tells make that it looked.
define made_by_stamp
$(1): $(2)
	@:
endef

SQL := $(sort $(filter-out %/core.sql %/files.sql %/migrate.sql, \
           $(foreach r,$(ROOMS),$(wildcard src/$(r)/*.sql))))
$(eval $(call made_by_stamp,$(G)/sql.c $(G)/sql.h,$(G)/sql.stamp))
$(G)/sql.stamp: $(B)/tools/mksql $(SQL) $(wildcard src/*)
	@mkdir -p $(@D)
	$(call SAY,SQL)$(B)/tools/mksql $(G) $(SQL)
	@touch $@

I18N := $(sort $(foreach f,$(if $(PART),$(ROOMS),*),$(wildcard ui/i18n/*/$(f).txt ui/i18n/*/$(f)_*.txt)))
$(eval $(call made_by_stamp,$(G)/i18n.c,$(G)/i18n.stamp))
$(G)/i18n.stamp: $(B)/tools/mki18n $(I18N) $(wildcard ui/i18n/zh ui/i18n/en)
	@mkdir -p $(@D)
	$(call SAY,I18N)$(B)/tools/mki18n $(G)/i18n.c $(I18N)
	@touch $@

READINGS := /usr/share/unicode/Unihan_Readings.txt.bz2
$(eval $(call made_by_stamp,$(G)/pinyin.c,$(G)/pinyin.stamp))
$(G)/pinyin.stamp: $(B)/tools/mkpinyin $(READINGS)
	@mkdir -p $(@D)
	$(call SAY,PINYIN)bzip2 -dc $(READINGS) | $(B)/tools/mkpinyin $(G)/pinyin.c
	@touch $@

ASSET  := $(notdir $(sort $(wildcard ui/asset/*)))
PACKED := $(foreach f,$(ASSET),$(G)/asset/$(f) $(G)/asset/$(f).gz $(G)/asset/$(f).br)
MODEL  := $(sort $(wildcard model/*.yaml model/*/*.yaml))
$(eval $(call made_by_stamp,$(G)/embed.c $(G)/embed.h,$(G)/embed.stamp))
$(G)/embed.stamp: $(B)/tools/mkembed $(PACKED) $(MODEL) src/store/core.sql src/store/files.sql \
                  src/store/migrate.sql data/holidays.csv $(wildcard ui/asset model model/*)
	@mkdir -p $(@D)
	$(call SAY,EMBED)$(B)/tools/mkembed $(G) src/store/core.sql src/store/files.sql \
	    src/store/migrate.sql data/holidays.csv \
	    $(MODEL) -- $(ASSET:%=$(G)/asset/%)
	@touch $@

$(G)/asset/%.css: ui/asset/%.css
	@mkdir -p $(@D)
	@esbuild --log-level=warning --minify --charset=utf8 $< > $@
$(G)/asset/%.js: ui/asset/%.js
	@mkdir -p $(@D)
	@esbuild --log-level=warning --minify --charset=utf8 $< > $@
$(G)/asset/%.gz: $(G)/asset/%
	@gzip -9 -n -c $< > $@
$(G)/asset/%.br: $(G)/asset/%
	@brotli -q 11 -f -o $@ $<
$(G)/asset/%: ui/asset/%
	@mkdir -p $(@D)
	@cp $< $@

$(eval $(call made_by_stamp,$(G)/tpl.c $(G)/tpl.h,$(G)/tpl.stamp))
$(G)/tpl.stamp: $(B)/tools/mktpl $(TPL) $(I18N) $(wildcard ui/tpl ui/views.txt)
	@mkdir -p $(@D)
	$(call SAY,TPL)$(B)/tools/mktpl $(G) $(TPL)
	@touch $@

# ---- unit tests ------------------------------------------------------------------------------
UNIT_UTIL := tests/unit/runner.c $(wildcard tests/unit/*_util.c)
UNIT      := $(sort $(filter-out $(UNIT_UTIL),$(wildcard tests/unit/test_$(T)*.c)))
ifeq ($(variant),tsan)
UNIT      := $(if $(UNIT),$(shell grep -l '^// tsan' $(UNIT)))
endif
UNIT_BIN  := $(UNIT:tests/unit/%.c=$(O)/unit/%)
UNIT_OBJ  := $(UNIT_UTIL:tests/unit/%.c=$(O)/unit-obj/%.o)

$(O)/unit-obj/%.o: tests/unit/%.c Makefile | $(GEN_H)
	@mkdir -p $(@D)
	$(call SAY,CC $(variant) $<)$(CC) $(FLAGS) -Itests/unit -MMD -MP -c -o $@ $<
$(O)/unit-obj/libtest.a: $(UNIT_OBJ)
	@rm -f $@ && $(AR) qcs $@ $^
$(O)/unit/%: $(O)/unit-obj/%.o $(O)/unit-obj/libtest.a $(LIB)
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) $(if $(filter %_ical,$@),-lical)

unit-bins: $(UNIT_BIN)
print-suites:
	@$(foreach b,$(UNIT_BIN),echo $(b);)

test:
	@tools/need check
	+@B='$(B)' T='$(T)' ROOMS='$(ROOMS)' tests/check.sh test

# Months of a county under a set clock, on both databases: make sim SEED=7 DAYS=120
sim:
	@tools/need check
	+@STAVE_SIM_DAYS='$(or $(DAYS),60)' $(if $(SEED),STAVE_SEED='$(SEED)') B='$(B)' T=sim tests/check.sh test

check:
	@tools/need check
	+@B='$(B)' tests/check.sh all

browser:
	@tools/need check
	+@B='$(B)' tests/check.sh suite browser

# ---- fuzzers: `// uses: src/base/*.c src/exchange/csv.c gen/i18n.c` on their first lines -------
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
fuzz_uses = $(shell sed -n 's,^// uses:,,p' tests/fuzz/fuzz_$(1).c)
fuzz_objs = $(patsubst %.c,$(O)/%.o,$(sort gen/i18n.c gen/pinyin.c $(filter gen/%,$(fuzz_uses)) \
              $(foreach g,$(filter-out gen/%,$(fuzz_uses)),$(sort $(wildcard $(g))))))
define fuzz_rule
$(O)/fuzz_$(1): $(O)/tests/fuzz/fuzz_$(1).o $(call fuzz_objs,$(1))
	$$(call SAY,LD $$@)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(LIBS)
endef
ifeq ($(variant),fuzz)
$(foreach f,$(FUZZ),$(eval $(call fuzz_rule,$(f))))
endif
$(O)/tests/fuzz/%.o: tests/fuzz/%.c Makefile | $(GEN_H)
	@mkdir -p $(@D)
	$(call SAY,CC $(variant) $<)$(CC) $(FLAGS) -MMD -MP -c -o $@ $<
fuzz-bins: $(FUZZ:%=$(O)/fuzz_%)
fuzz-smoke:
	@tools/need check
	+@B='$(B)' tests/check.sh fuzz

# ---- measuring -------------------------------------------------------------------------------
BENCH_SRC := $(sort $(wildcard bench/*.c))
$(O)/bench/%: bench/%.c $(LIB) Makefile
	@mkdir -p $(@D)
	$(call SAY,CC $<)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS)
bench-bins: $(BENCH_SRC:%.c=$(O)/%)
bench:
	@tools/need bench
	@$(MAKE) build bench-bins >&2
	@bench/run $(BENCH)

# ---- the rest --------------------------------------------------------------------------------
LISTEN ?= 127.0.0.1:8080
run:
	@tools/need run
	@$(MAKE) build
	@test -d $(B)/demo || $(B)/stave demo $(B)/demo --size page > $(B)/demo.txt || \
	    { rm -rf $(B)/demo $(B)/demo.txt; exit 1; }
	@cat $(B)/demo.txt 2>/dev/null || true
	@exec $(B)/stave serve $(B)/demo --listen $(LISTEN)

tidy:
	@$(MAKE) build
	+@B='$(B)' tools/tidy

clean:
	rm -rf $(B)

help:
	@echo 'make             build/stave, the release'
	@echo 'make run         installs what is missing, builds, makes the demo if there is none, serves it at'
	@echo '                 http://127.0.0.1:8080 (LISTEN=HOST:PORT for another place)'
	@echo 'make dev         build/dev/stave with ASan and UBSan, warnings are errors'
	@echo 'make test        unit tests; T=NAME only tests/unit/test_NAME*.c'
	@echo 'make sim         months of a county under a set clock, on both databases: SEED=7 DAYS=120'
	@echo 'make check       everything; the last line is "N passed, N failed"'
	@echo 'make browser     the browser tests alone'
	@echo 'make fuzz-smoke  every parser is fuzzed for some seconds (FUZZ_S=10)'
	@echo 'make tidy        the rules of the house'
	@echo 'make bench       figures beside their floors, a quarter of an hour; BENCH=create only these (25 s);'
	@echo '                 list record ready rest load page posts rows search model xlsx import duties'
	@echo '                 demo verify figures, see bench/run'
	@echo 'make clean       removes build/'

-include $(OBJ:.o=.d) $(wildcard $(O)/unit-obj/*.d $(O)/tests/fuzz/*.d)
