/* SPDX-License-Identifier: Apache-2.0 */
#include "container.h"

#include "label.h"

const struct container container_unknown = { "unknown", "none" };
const struct container container_other = { LABEL_OTHER, LABEL_OTHER };
