{{#if is_line}}<input id="f-{{name}}" name="{{name}}" value="{{value}}" autocomplete="{{#if auto}}{{auto}}{{else}}off{{/if}}"{{>f_attrs}}>{{/if}}
{{#if is_ref}}<input id="f-{{name}}" name="{{name}}" value="{{value}}" autocomplete="off"{{#if pick}} data-pick="{{pick}}"{{/if}}{{>f_attrs}}>{{#if chosen}}<input type="hidden" name="{{name}}.id" value="{{chosen}}">{{/if}}{{/if}}
{{#if is_note}}<textarea id="f-{{name}}" name="{{name}}" rows="{{#if rows}}{{rows}}{{else}}9{{/if}}"{{>f_attrs}}>{{value}}</textarea>{{/if}}
{{#if is_number}}<span class="join"><input id="f-{{name}}" name="{{name}}" value="{{value}}" inputmode="decimal" autocomplete="off"{{>f_attrs}}>{{#if unit}}<span>{{unit}}</span>{{/if}}</span>{{/if}}
{{#if is_date}}<input class="short" type="date" id="f-{{name}}" name="{{name}}" value="{{value}}"{{#if min_text}} min="{{min_text}}"{{/if}}{{#if max_text}} max="{{max_text}}"{{/if}}{{>f_attrs}}>{{/if}}
{{#if is_select}}<select id="f-{{name}}" name="{{name}}"{{>f_attrs}}>{{#each options}}<option value="{{value}}"{{#if is_on}} selected{{/if}}>{{label}}</option>{{/each}}</select>{{/if}}
{{#if is_secret}}<input type="password" id="f-{{name}}" name="{{name}}" autocomplete="{{#if auto}}{{auto}}{{else}}off{{/if}}"{{>f_attrs}}>{{/if}}
{{#if is_plain}}<p class="plain" id="f-{{name}}">{{value}}</p>{{#if chosen}}<input type="hidden" name="{{name}}" value="{{chosen}}">{{/if}}{{/if}}
