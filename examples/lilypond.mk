# Humanise what LilyPond's \midi block writes: make -f lilypond.mk score-humanized.mid
HUMANIZE ?= humanize
LILYPOND ?= lilypond

%.mid: %.ly
	$(LILYPOND) --silent -dno-print-pages -dmidi-extension=mid -o $* $<

%-humanized.mid: %.mid
	$(HUMANIZE) $< -o $@
