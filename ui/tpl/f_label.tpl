<label for="f-{{name}}">{{>f_mark}}</label>{{>f_above}}
