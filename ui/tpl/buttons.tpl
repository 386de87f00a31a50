{{#each buttons}}<button class="b{{#if is_main}} p{{/if}}" name="do" value="{{value}}"{{#if is_main}} data-main="1"{{/if}}>{{label}}</button>{{/each}}
