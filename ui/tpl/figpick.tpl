{{#if periods}}<ul class="kept">{{#each periods}}<li><a class="b t{{#if is_on}} on{{/if}}" href="{{href}}"{{#if is_on}} aria-current="true"{{/if}}>{{label}}</a></li>{{/each}}</ul>{{/if}}
<details class="figpick"><summary>{{t fig_pick}}</summary>
<form class="filter" method="get" action="{{action}}">{{>hiddens}}<label>{{t fig_from}}<input type="date" name="from" value="{{from_value}}"></label><label>{{t fig_to}}<input type="date" name="to" value="{{to_value}}"></label><button class="b">{{t fig_show}}</button></form>
{{#if units}}<p class="sm mut">{{t fig_below pick_unit}}</p><ul class="kept">{{#each units}}<li><a class="b t" href="{{href}}">{{label}}</a></li>{{/each}}</ul>{{/if}}</details>
