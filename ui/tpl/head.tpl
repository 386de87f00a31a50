{{! Everything before <main>. }}
<!doctype html><html lang="{{t lang_tag}}"{{#if is_big}} class="big"{{/if}}><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{{#if is_bad}}{{t bad_title title}}{{else}}{{title}}{{/if}} · {{t product}}</title>
<link rel="stylesheet" href="{{css_href}}">
{{#if paper_href}}<link rel="stylesheet" href="{{paper_href}}"{{#if is_paper}}{{else}} media="print"{{/if}}>{{/if}}
{{#if icon_href}}<link rel="icon" href="{{icon_href}}" type="image/svg+xml">{{/if}}
{{#if js_href}}<script src="{{js_href}}" defer></script>{{/if}}</head>
<body class="{{#if nav}}app{{else}}solo{{/if}}" data-sending="{{t js_sending}}" data-kept="{{t js_kept}}" data-found="{{t js_found}}"{{#if is_keys}} data-keys="1"{{/if}}>
<svg class="syms" aria-hidden="true">{{icons}}</svg>
<a class="skip" href="#main">{{t skip}}</a>
<header class="top"><a class="brand" href="/"><svg viewBox="0 0 26 22" aria-hidden="true"><path d="M0 3.5h26M0 7.5h26M0 11.5h26M0 15.5h26M0 19.5h26" stroke="currentColor"/><ellipse class="k" cx="14" cy="11.5" rx="5.2" ry="3.8" transform="rotate(-22 14 11.5)"/></svg>{{t product}}{{#if deployment}}<small>{{deployment}}</small>{{/if}}</a>
{{#if may_search}}{{#if is_search}}{{else}}<form class="find" role="search" action="/search"><input name="q" type="search" maxlength="64" placeholder="{{t seek_hint}}" aria-label="{{t search}}" autocomplete="off"></form>{{/if}}{{/if}}
{{#if big_href}}<a href="{{big_href}}">{{#if is_big}}{{t big_off}}{{else}}{{t big_on}}{{/if}}</a>{{/if}}
{{#if lang_href}}<a{{#if nav}} class="d"{{/if}} href="{{lang_href}}" lang="{{t other_tag}}">{{t other_lang}}</a>{{/if}}
{{#if bell_href}}<a href="{{bell_href}}" aria-label="{{bell_text}}"><svg class="ic" aria-hidden="true"><use href="#i-bell"/></svg>{{#if bell_n}}<span class="n">{{bell_n}}</span>{{/if}}</a>{{/if}}
{{#if me_name}}<a class="d" href="/settings">{{me_name}}{{#if me_post}} · {{me_post}}{{/if}}</a>{{/if}}</header>
<div class="stave{{#if line}} l{{line}}{{/if}}" aria-hidden="true"></div>
