<span class="lab" id="l-{{name}}">{{>f_mark}}</span>{{>f_above}}
