/* together.h - doing parts of a search at the same time. */
#ifndef TWOMSL_LUA_TOGETHER_H
#define TWOMSL_LUA_TOGETHER_H

#include <stdint.h>

/* How many parts are worth doing at the same time here: processors, 1 to 8. */
uint32_t work_places(void);
/* For ExploreConfig.together. Parts for which no thread can be had are done one after the other. */
void work_together(void *self, void (*work)(void *argument, uint32_t i), void *argument, uint32_t count);

#endif
