#pragma once
// c10d includes it and takes nothing from it, see gloo/context.h.
