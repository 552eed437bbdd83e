# SPDX-License-Identifier: MIT
# What every experiment shares. Its Makefile sets HERE, its folder; OUT, the folder of what it makes; SETTINGS, the names of
# all that may be said on make's command line; and perhaps PICTURES, what `make` draws after the target `table`. Then it
# includes this file, and writes rules from
#
#   $(OUT)/NAME.set   a setting as a prerequisite: a file that changes only when the value does; $(call SETS,NAME NAME) several
#   ae-train          a program as a prerequisite, wherever AE or PATH has it
#   ... $(TO)         the end of a recipe that prints, and ... $(AS) of one whose last program writes a stream: into a file
#                     beside the target, which takes its place when all went well. So what was killed half-way is never
#                     taken as done. $(call PART,FILE) is the name beside, of each shell another one: a recipe that has
#                     outlived its make does not write into what the next make writes. $(call KEEP,FILE FILE) is the last step
#   ifndef DRY        around a recipe that only shows what is there: `make -n` lists nothing where nothing is to be made
.DEFAULT_GOAL = show

# The folder with the programs; without one, PATH finds them.
AE = $(wildcard $(HERE)/../../build)
ifneq ($(AE),)
export PATH := $(AE):$(PATH)
endif
PROGRAMS := $(or $(AE),$(patsubst %/ae-cat,%,$(shell command -v ae-cat)))
vpath ae-% $(PROGRAMS)
ifneq ($(MAKECMDGOALS),clean)
ifeq ($(wildcard $(PROGRAMS)/ae-cat),)
$(error ae-cat is not in $(or $(PROGRAMS),the PATH): build the programs first, or say AE=FOLDER)
endif
endif

SHELL       = bash
.SHELLFLAGS = -o pipefail -ec
.DELETE_ON_ERROR:
.SECONDARY:
.SECONDEXPANSION:
.SUFFIXES:

SETS  = $(foreach setting,$1,$(OUT)/$(setting).set)
PART  = $(dir $1)part.$$$$.$(notdir $1)
KEEP  = $(foreach file,$1,mv $(call PART,$(file)) $(file);)
TO    = > $(call PART,$@); $(call KEEP,$@)
AS    = -o $(call PART,$@); $(call KEEP,$@)
DRY  := $(findstring n,$(firstword -$(MAKEFLAGS)))$(findstring q,$(firstword -$(MAKEFLAGS)))
quote = '$(subst ','\'',$1)'
same  = $(if $(subst x$1,,x$2)$(subst x$2,,x$1),,same)

# $(call SHAPE,STREAM): that of x, as 10,8.
SHAPE     = ae-info $1 | sed -n 's/^[^"[]* x  *[a-z0-9]*  *\[\([0-9,]*\)\].*/\1/p'
# $(call TOP,N,STREAM): N, or how many columns x has where they are fewer.
TOP       = $$(n=$$($(call SHAPE,$2)); echo $$((n < $1 ? n : $1)))
# $(call FLAGGED,MORE): how many rows of the verdicts $< are anomalies, and MORE; $(call MEASURED,OPTIONS): what ae-metrics
# says of them. Both ask where they are too many.
DRIFTED   = : have they drifted away from those that train? See --drift of ae-err$(if $(TEST),,, and SPLIT)
FLAGGED   = ae-cat -c --cols pred $< | awk '{ n += $$1 == 1 } END { print n + 0 " of " NR - 1 " rows are called anomalous" \
            (n > NR / 5 ? "$(DRIFTED)" : "") "$1" }'
MEASURED  = ae-metrics $1 $< | awk '{ print } $$1 == "normal" && NF == 3 { most = $$2 > $$3 } \
            END { if (most) print "\nMost normal rows are called anomalous$(DRIFTED)" }'
# The last losses in what --log of ae-train wrote, training and validation; the mean of the errors of a stream.
LAST_LOSS = awk -F, 'END { printf "%.5f %.5f\n", $$2, $$3 }'
MEAN_ERR  = ae-info --stats | awk '$$1 == "err" && $$2 ~ /^[0-9]/ { printf "%.5f\n", $$4 }'

# $(call need,NAME): a setting that names files, which are there and whose names make and the shell can take.
ODD  := : ; % ` & | < > ' " ( ) [ ] * ? $$ \# \ # and blanks
odd   = $(if $(strip $(foreach c,$(ODD),$(findstring $c,$1))),$(error $1: recipes take no name with one of \
        $(ODD)or a blank in it: link the file under another one))
$(if $(notdir $(OUT)),$(call odd,$(notdir $(OUT))))
need = $(call odd,$($1))$(if $(filter clean,$(MAKECMDGOALS))$(and $($1),$(filter $(words $($1)),$(words $(wildcard $($1))))),,$(error \
       $1=$($1): no such file, seen from $(CURDIR). Say $1=/path/to/FILE, without spaces in it))

# What recipes that were killed have left beside their targets.
ifndef DRY
LEFT := $(shell find $(HERE)/out -type f \( -name 'part.[0-9]*' -o -name '.aefilters-[0-9]*' \) -printf '%f %p\n' 2> /dev/null | \
        while read -r name file; do test -e /proc/$$(echo "$$name" | tr -c '0-9\n' ' ' | awk '{ print $$1 }') || rm -f "$$file"; done)
endif

# A word on the command line that is no setting would do nothing, in silence.
GIVEN   := $(foreach name,$(.VARIABLES),$(if $(findstring command,$(origin $(name))),$(name)))
UNKNOWN := $(filter-out $(SETTINGS) AE CC SHELL MAKEFLAGS,$(GIVEN))
ifneq ($(UNKNOWN),)
$(error $(firstword $(UNKNOWN)): there is no such setting here. These are: $(sort $(SETTINGS) AE CC))
endif

# What a setting is, and where it has words of make, these too: they may become something else for each target.
setting = $($1)$(if $(findstring $$,$(value $1)), from $(value $1))
$(SETTINGS:%=$(OUT)/%.set): $(OUT)/%.set: $$(if $$(call same,$$(call setting,$$*),$$(file < $(OUT)/$$*.set)),,ALWAYS) | $(OUT)
	@printf '%s\n' $(call quote,$(call setting,$*)) $(TO)

$(OUT):
	mkdir -p $@

# Pictures come last, so that their lack leaves the table.
ifdef PICTURES
show: table $(if $(shell command -v gnuplot),pictures,no-gnuplot)

pictures: $(PICTURES)
ifndef DRY
	@printf '\nPictures\n'; printf '%s\n' $(PICTURES)
endif

$(PICTURES): | table

no-gnuplot:
ifndef DRY
	@printf '\nNo pictures: gnuplot is not installed (apt-get install gnuplot-nox)\n'
endif
else
show: table
endif

clean:
	rm -rf $(HERE)/out

.PHONY: show table pictures no-gnuplot clean ALWAYS
