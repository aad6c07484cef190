/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page at /: what this exporter is, what it traces, and how that goes. HTML without a script,
 * an image, or anything else that is not in it. Above app; beside routes.
 */
#ifndef LANDING_H
#define LANDING_H

#include "app.h"
#include "buf.h"

/* The Content-Security-Policy that it is to be sent with. */
extern const char landing_policy[];

/* Appends the page as of now; before anything is attached, what can be said then. */
void landing_render(struct app *app, struct buf *out);

#endif
