{{#each hiddens}}<input type="hidden" name="{{name}}" value="{{value}}">{{/each}}
