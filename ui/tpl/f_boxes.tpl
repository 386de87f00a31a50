{{#each options}}<label class="tick"><input type="checkbox" name="{{name}}" value="{{value}}"{{#if is_on}} checked{{/if}}><span>{{label}}</span></label>{{/each}}
