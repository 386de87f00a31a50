{{#if hint}}<p class="hint" id="h-{{name}}">{{hint}}</p>{{/if}}
{{#if error}}<p class="err" id="e-{{name}}"><svg class="si" aria-hidden="true"><use href="#s-late"/></svg>{{error}}</p>{{/if}}
