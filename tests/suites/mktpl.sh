#!/bin/sh
# The template compiler: what it must refuse it refuses, at the template's own line.
set -u
B=${B:-build}
tool=$(cd "$B/tools" && pwd)/mktpl || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
mkdir -p ui/tpl ui/i18n/zh ui/i18n/en out
n=0
ok() { # by the exit status before it
    rc=$?
    n=$((n + 1))
    [ $rc = 0 ] || { sed 's/^/# /' said 2> /dev/null; printf 'not '; }
    echo "ok $n - $1"
}
cat > ui/views.txt <<'X'
# names
shape row
  label  text   what it is
  href   url    where it leads
template page
  title  text   heading
  link   url    somewhere
  raw    html   markup
  n      int    number
  is     bool   yes
  rows   [row]  list
  head   {row}  object
X
echo 'ui.hello = 你好 {0}' > ui/i18n/zh/ui.txt
echo 'ui.hello = Hello {0}' > ui/i18n/en/ui.txt
echo '<symbol id="i-a" viewBox="0 0 1 1"></symbol>' > ui/tpl/icons.tpl
all='<p class="{{title}}"{{#if is}} id="x"{{/if}}>{{n}}{{{raw}}}{{icons}}<use href="#i-a"/>{{#each rows}}<a href="{{href}}">{{label}}</a>{{/each}}{{#with head}}{{label}}{{/with}}<a href="/x?q={{title}}">{{t hello title}}</a><a href="{{link}}">x</a></p>'
make() { "$tool" out ui/tpl/*.tpl > said 2>&1; }
page() { printf '%s\n%s\n' "$all" "$1" > ui/tpl/page.tpl; }
# refuses TEMPLATE TEXT: in the second line of page.tpl
refuses() {
    page "$1"
    if make; then return 1; fi
    grep -qF "ui/tpl/page.tpl:2: error: $2" said
}

page '' && make && grep -qF 'TPL_PAGE,' out/tpl.h && grep -qF '<symbol id=' out/tpl.c
ok 'takes a good page'
grep -qF 'view_put_part(b, v0, V_title)' out/tpl.c && grep -qF 'view_put_text(b, v1, V_href)' out/tpl.c &&
    grep -qF 'view_put_html(b, v0, V_raw)' out/tpl.c && grep -qF 'view_put_count(b, v0, V_n)' out/tpl.c
ok 'writes each value as its place wants it'
grep -qF '#line 1 "ui/tpl/page.tpl"' out/tpl.c
ok 'tells the compiler the line of the template'
refuses '{{titel}}' "'titel' is not declared for 'page' in ui/views.txt"
ok 'refuses an undeclared name'
refuses '{{label}}' "'label' is not declared"
ok 'refuses a name of another shape'
refuses '{{t helo title}}' "no sentence 'ui.helo'"
ok 'refuses an unknown sentence'
refuses '{{t hello}}' "'ui.hello' wants more than 0 names"
ok 'refuses a sentence without its arguments'
refuses '{{t hello is}}' "'is' is neither text nor int"
ok 'refuses a yes or no in a sentence'
refuses '{{is}}' "'is' is no text"
ok 'refuses to print a yes or no'
refuses '{{raw}}' "'raw' is html"
ok 'refuses html between two braces'
refuses '{{{title}}}' '{{{ }}} is for html, between tags'
ok 'refuses text between three braces'
refuses '<p class="{{{raw}}}">' '{{{ }}} is for html, between tags'
ok 'refuses html in an attribute'
refuses '<a href="{{title}}">x</a>' 'an address is a url'
ok 'refuses text as an address'
refuses '<a href="{{link}}{{link}}">x</a>' 'an address is a url'
ok 'refuses two addresses in one'
refuses '<a href="javascript:{{title}}">x</a>' 'an address is a url'
ok 'refuses a scheme before a name'
refuses '<script>{{title}}</script>' 'nothing can be put here: in a script or style'
ok 'refuses a name in a script'
refuses '<style>{{t hello title}}</style>' 'no sentence can stand here'
ok 'refuses a sentence in a style'
refuses '<p {{title}}>' 'nothing can be put here: in a tag outside quotes'
ok 'refuses a name outside quotes'
refuses '<p class={{title}}>' "value of 'class' has no \""
ok 'refuses a value without quotes'
refuses '<p onclick="x">' "attribute 'onclick' is not allowed"
ok 'refuses inline scripts'
refuses '<p style="x">' "attribute 'style' is not allowed"
ok 'refuses inline styles'
refuses '<!-- x -->' 'remarks are written {{! }}'
ok 'refuses remarks that would be sent'
refuses '{{#if is}}<p{{else}}{{/if}}>' 'the two ways of this #if end in different places'
ok 'refuses an #if that leaves a tag open one way'
refuses '{{#each rows}}<p class="{{/each}}' 'this block does not end where it began'
ok 'refuses an #each that leaves a quote open'
refuses '{{#each title}}{{/each}}' "'title' is no list"
ok 'refuses #each over a text'
refuses '{{#with rows}}{{/with}}' "'rows' is no object"
ok 'refuses #with of a list'
refuses '{{>nowhere}}' "cannot take in 'nowhere'"
ok 'refuses a part that is not there'
refuses '{{/if}}' '{{/if}} closes nothing'
ok 'refuses an end without a beginning'
refuses '{{title' '{{ is never closed'
ok 'refuses an open brace'
refuses '{{#unless is}}' "'{{#unless is}}' is nothing known"
ok 'refuses words it does not know'
page '{{#if is}}'
if make; then false; else grep -qF '{{/if}} is missing' said; fi
ok 'refuses a beginning without an end'
page '{{>page}}'
if make; then false; else grep -qF "cannot take in 'page'" said; fi
ok 'refuses a page within itself'
page ''
echo '<p>' > ui/tpl/alone.tpl
if make; then false; else grep -qF 'ui/tpl/alone.tpl:1: error: this template is neither' said; fi
ok 'refuses a template nobody uses'
rm ui/tpl/alone.tpl
echo 'ui.more = 多' >> ui/i18n/zh/ui.txt
if make; then false; else grep -qF "ui/i18n/zh/ui.txt:2: error: no template says 'ui.more'" said; fi
ok 'refuses a sentence nobody says'
page '{{t more}}'
if make; then false; else grep -qF "'ui.more' has no sentence in ui/i18n/en/ui.txt" said; fi
ok 'refuses a sentence without English'
sed -i 2d ui/i18n/zh/ui.txt && page ''
echo '  odd text nobody' >> ui/views.txt
if make; then false; else grep -qF "ui/views.txt:13: error: no template shows 'odd'" said; fi
ok 'refuses a name no template shows'
sed -i '13s/.*/  title int again/' ui/views.txt
if make; then false; else grep -qF "ui/views.txt:13: error: 'title' has another type on line 6" said; fi
ok 'refuses one name with two types'
sed -i '13s/.*/  x [none] list/' ui/views.txt
if make; then false; else grep -qF "ui/views.txt:13: error: no shape 'none'" said; fi
ok 'refuses a list of an unknown shape'
sed -i 13d ui/views.txt
make
ok 'takes it again once mended'
echo "1..$n"
