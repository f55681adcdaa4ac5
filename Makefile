# Postern: the commands. Each is a line; the work is in scripts/.
.PHONY: help run test check bench chaos chaos-faults audit sbom
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

sbom: ## print what is in the binary and the console, as CycloneDX
	@node scripts/sbom.mjs

audit: ## ask the advisory databases about every dependency (needs the internet)
	@scripts/audit.sh
