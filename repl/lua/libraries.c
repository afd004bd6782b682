/* libraries.c - the list of libraries. */
#include "library.h"

const Library *const libraries[] = {
    &hosts_library,  &conns_library,   &packets_library, &clock_library, &history_library, &look_library, &rfc_library,
    &search_library, &what_if_library, &lesson_library,  &stage_library, &help_library,    NULL};
