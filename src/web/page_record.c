/* page_record.c: the addresses of records. No route names a type.                    SPEC: B3 P2 P8 P11 */
#include "web/page_int.h"

static const ParamSpec list_params[] = {
    {.name = "unit", .max_bytes = LIMIT_CODE_CHARS * 4},
    {.name = "state", .max_bytes = 256},
    {.name = "mine", .max_bytes = 8},
    {.name = "after", .max_bytes = 256},
    {.name = "before", .max_bytes = 256},
    {.name = "limit", .max_bytes = 8},
    {.name = NULL},
};

static const Route record_routes[] = {
    {.path = "/:type", .method = GET, .run = page_list, .may = MAY_TYPE, .takes_model = true,
     .params = list_params, .help = "page.help_list", .spec = "B3"},
    {.path = "/:type", .method = POST, .run = page_create, .may = MAY_TYPE, .takes_model = true,
     .takes_multipart = true, .body_max = LIMIT_UPLOAD_BYTES, .help = "page.help_create", .spec = "B3 P8"},
    {.path = "/:type/new", .method = GET, .run = page_new_form, .may = MAY_TYPE, .help = "page.help_new",
     .spec = "B3"},
    {.path = "/:type/:id", .method = GET, .run = page_show, .may = MAY_TYPE, .help = "page.help_show",
     .spec = "B3"},
    {.path = "/:type/:id/history", .method = GET, .run = page_history, .may = MAY_TYPE,
     .help = "page.help_history", .spec = "P11"},
    {.path = "/:type/:id/who", .method = GET, .run = page_who, .may = MAY_TYPE, .help = "page.help_who",
     .spec = "P2"},
    {.path = "/:type/:id/:action", .method = GET, .run = page_act_get, .may = MAY_TYPE,
     .help = "page.help_act", .spec = "B3"},
    {.path = "/:type/:id/:action", .method = POST, .run = page_act_post, .may = MAY_TYPE, .takes_model = true,
     .takes_multipart = true, .body_max = LIMIT_UPLOAD_BYTES, .help = "page.help_act", .spec = "B3 P8"},
};
const RouteTable page_record_routes = {record_routes, LEN(record_routes)};
