# Postern: the commands. Each is a line; the work is in scripts/.
.PHONY: help run test check bench load chaos chaos-faults drill timing overload faults fuzz reproducible audit sbom
.DEFAULT_GOAL := help

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

run: ## install what is missing, build, start everything with a demo (RELEASE=1: an optimised build)
	@scripts/run.sh

test: ## run every test (SKIP=browser,python leaves some out, and says so)
	@SKIP="$(SKIP)" scripts/test.sh

check: ## formatting, lints, layers, derived files
	@scripts/check.sh

bench: ## measure against limits taken in the same run
	@scripts/bench.sh

chaos: ## kill servers, workers and PostgreSQL under load and check what was seen (SEEDS=a..b LANES=n; AGAIN=1 replays)
	@scripts/chaos.sh runs

chaos-faults: ## put faults in by hand, and see that each is caught
	@scripts/chaos.sh faults

faults: ## seed faults in databases and sources, and see each found by its test (FAULTS="a b": some of those in the sources)
	@FAULTS="$(FAULTS)" scripts/seeded-faults.sh

fuzz: ## explore what strangers may send (SECONDS=60 for each target)
	@POSTERN_FUZZ_SECONDS="$(or $(SECONDS),60)" scripts/fuzz.sh

reproducible: ## build twice, in two folders, and compare (PART=console: the console alone)
	@PART="$(PART)" scripts/reproducible.sh

drill: ## lose an installation under load, bring it back to an earlier moment, and count (POSTERN_DRILL_SECONDS=15)
	@scripts/restore-drill.sh

timing: ## measure refusals that must not be told apart by how long they take (POSTERN_TIMING_CALLS=10000)
	@scripts/measure.sh timing

overload: ## ask three times as much as can be answered, and see who is refused
	@scripts/measure.sh overload

load: ## play days that an installation should survive (SCENARIO=nine-oclock: one of them)
	@scripts/load.sh $(SCENARIO)

sbom: ## print what is in the binary and the console, as CycloneDX
	@node scripts/sbom.mjs

audit: ## ask the advisory databases about every dependency (needs the internet)
	@scripts/audit.sh
