/* paint_cairo.h - a Paint that draws through cairo and pango: into pixels, or into a picture that leaves the program.
 *
 * paint_cairo.c is the one file that includes cairo, pango and fontconfig.
 */
#ifndef TWOMSL_PAINT_CAIRO_H
#define TWOMSL_PAINT_CAIRO_H

#include <stdio.h>

#include "paint.h"

/* NULL: no memory. It measures text at once; before anything is drawn it needs one of the targets below. Laid-out text
 * is kept from picture to picture, so one Paint for all frames is faster than one for each. */
Paint *paint_cairo_new(void);

/* From here on it draws into `pixels`: `height` rows of `width` words 0x00rrggbb, each row `stride` bytes after the one
 * before (a multiple of 4, at least 4 * width). They are the caller's and must stay until another target is set or
 * paint_cairo_finish(); after it they are complete. False: cairo refuses the size. */
bool paint_cairo_pixels(Paint *paint, void *pixels, int width, int height, int stride);

typedef enum PictureFormat { PICTURE_PNG, PICTURE_SVG, PICTURE_PDF } PictureFormat;

/* From here on it draws a picture of width x height (PNG: pixels; SVG: px; PDF: points) that goes to `out`, which stays
 * open and is the caller's. False: cairo refuses the size. */
bool paint_cairo_output(Paint *paint, FILE *out, PictureFormat format, int width, int height);
/* PDF: what is drawn from here on stands on the next page. */
void paint_cairo_page(Paint *paint);
/* Ends the target: pixels are complete, a picture is written. False: it could not be, and why in paint_cairo_error().
 */
bool paint_cairo_finish(Paint *paint);
/* What went wrong last, one line. */
const char *paint_cairo_error(const Paint *paint);

#endif
