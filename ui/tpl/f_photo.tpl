<div class="f" id="f-{{name}}" role="group" aria-labelledby="l-{{name}}" tabindex="-1"{{>f_when}}>{{>f_lab}}
{{#if photos}}<ul class="photos">{{#each photos}}<li><input type="hidden" name="{{name}}" value="{{id}}"><a href="{{href}}"><img src="{{href}}" alt="{{label}}" loading="lazy"></a><button class="b t" name="drop" value="{{id}}" formnovalidate>{{t photo_drop}}</button></li>{{/each}}</ul>{{/if}}
{{#if may_add}}<input type="file" name="file.{{name}}" accept="image/*" multiple aria-labelledby="l-{{name}}" data-photo="1">{{/if}}</div>
