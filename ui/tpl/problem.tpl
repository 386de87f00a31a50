{{#if problem}}<section class="box late" tabindex="-1" role="alert" autofocus><p>{{problem}}</p></section>{{/if}}
