{{>head}}<main id="main" class="pub"><h1>{{t start_head}}</h1><p class="lead">{{t start_lead}}</p>{{>problem}}
{{#if done}}<ul class="box go">{{#each done}}<li><svg class="si" aria-hidden="true"><use href="#s-done"/></svg>{{text}}</li>{{/each}}</ul>{{/if}}
<ol class="num3"><li><div><h2>{{t start1}}</h2><p>{{t start1_text}}</p>{{>pickfile}}</div></li><li class="wait"><div><h2>{{t start2}}</h2><p>{{t start2_text}}</p></div></li><li class="wait"><div><h2>{{t start3}}</h2><p>{{t start3_text}}</p></div></li></ol>
{{>foot}}
