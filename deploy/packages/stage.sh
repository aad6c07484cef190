#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes the tree that a package holds: installed, stripped, the manual compressed, every date that of
# the commit.
#
# usage: deploy/packages/stage.sh TREE BUILD     from the root of the project
set -eu

tree=$1 build=$2
rm -rf "$tree"
deploy/packages/install.sh "$tree" /usr "$build" >/dev/null
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$tree/usr/bin/ior_exporter"
gzip -9n "$tree"/usr/share/man/man8/*
