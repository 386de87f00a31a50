{{>head}}<main id="main" class="door">{{>score}}
<div class="cols two"><form method="post" action="{{action}}"><h1>{{title}}</h1>{{>problem}}
<div class="f"><label for="f-account">{{t account}}</label><input id="f-account" name="account" value="{{account}}" autocomplete="username" autocapitalize="none" spellcheck="false" required{{#if problem}}{{else}} autofocus{{/if}}></div>
<div class="f"><label for="f-password">{{t password}}</label><input id="f-password" name="password" type="password" autocomplete="current-password" required></div>
{{>csrf}}{{#if back}}<input type="hidden" name="back" value="{{back}}">{{/if}}
<p class="acts"><button class="b p">{{t sign_in}}</button></p>
<p class="hint">{{t forgot}}</p></form>
<section><h2>{{t first_time}}</h2><ul class="rows"><li><a class="r" href="/i"><svg class="ic" aria-hidden="true"><use href="#i-key"/></svg><b>{{t have_code}}</b><span class="m">{{t have_code_note}}</span></a></li></ul>
<p class="hint">{{t no_phone}}</p></section></div>
<p class="promise">{{t promise}}</p><div class="fin" aria-hidden="true"></div>
{{>foot}}
