{{>head}}<main id="main" class="narrow">{{>crumbs}}<h1>{{title}}</h1>{{#if text}}<p class="lead">{{text}}</p>{{/if}}{{>facts}}
<div class="acts">{{#if action}}<form method="post" action="{{action}}">{{>csrf}}{{>hiddens}}{{>buttons}}</form>{{/if}}{{#each links}}<a class="b{{#if is_main}} p{{/if}}" href="{{href}}">{{label}}</a>{{/each}}</div>
{{>foot}}
