<div class="f lines{{#if error}} bad{{/if}}" id="f-{{name}}" role="group" aria-labelledby="l-{{name}}" tabindex="-1"{{>f_when}}>{{>f_lab}}<input type="hidden" name="{{name}}" value="rows">
{{#each lines}}{{>f_line}}{{/each}}
{{#each blank}}<template>{{>f_line}}</template>{{/each}}<p class="acts"><button class="b" name="do" value="add:{{name}}" data-add="{{name}}" formnovalidate><svg class="ic" aria-hidden="true"><use href="#i-plus"/></svg>{{t row_add}}</button></p></div>
