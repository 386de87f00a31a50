<div class="f{{#if error}} bad{{/if}}" id="f-{{name}}" role="group" aria-labelledby="l-{{name}}" tabindex="-1"{{>f_when}}>{{>f_lab}}
{{#if photos}}<ul class="papers">{{#each photos}}<li><input type="hidden" name="{{name}}" value="{{id}}"><a href="{{href}}">{{label}}</a><button class="b t" name="drop" value="{{id}}" formnovalidate>{{t row_drop}}</button></li>{{/each}}</ul>{{else}}<input type="hidden" name="{{name}}" value="">{{/if}}
{{#if may_add}}<input type="file" name="file.{{name}}" multiple aria-labelledby="l-{{name}}">{{/if}}</div>
