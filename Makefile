# StreamSync: `make run` and `make test` are all a newcomer needs; the rest is for those who build on it.
SHELL := /bin/bash
RID := $(shell dotnet --info | awk '/^ *RID:/ {print $$2; exit}')
CONFIGURATION := Release
DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_CLI_TELEMETRY_OPTOUT

.PHONY: run build test generate format bench bench-broker bench-identity test-durability pack clean help

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## run the platform on the sample tools, console on a local port
	@artifacts/streamsync up

build: ## build the command and leave it at artifacts/streamsync
	@tests/need dotnet
	@test -e artifacts/streamsync || echo "building; the first time it takes some minutes"
	@dotnet publish services/StreamSync.Cli -c $(CONFIGURATION) -r $(RID) --no-self-contained -p:PublishReadyToRun=true -o artifacts/command --nologo -v quiet
	@ln -sfn command/streamsync artifacts/streamsync
	@echo "built artifacts/streamsync"

test: ## everything: format, warnings, generated files, schemas, all tests on the embedded broker and, with KAFKA_HOME, on Apache Kafka
	@tests/run

generate: ## write again what is generated from schemas/ and from the option types
	@dotnet run -c $(CONFIGURATION) --project schemas/generator -- schemas services/StreamSync.Contracts/Generated
	@dotnet run -c $(CONFIGURATION) --project services/StreamSync.Cli -- docs --write $(CURDIR)

format: ## format the sources
	@dotnet format StreamSync.sln

bench: build ## records a second from file to warehouse, beside librdkafka on the same broker
	@dotnet run -c $(CONFIGURATION) --project tests/StreamSync.Bench -- end-to-end

bench-broker: build ## the embedded broker beside an Apache Kafka (KAFKA_HOME); MEASURE="start latency recovery=10" picks figures
	@dotnet run -c $(CONFIGURATION) --project tests/StreamSync.Bench -- broker $(MEASURE)

bench-identity: ## accuracy and speed of the identity engine; STREAMSYNC_IDENTITY_DATA names a folder with labelled sets, MEASURE="stream=1000000 live" picks figures
	@dotnet run -c $(CONFIGURATION) --project tests/StreamSync.Identity.Bench -- $(MEASURE)

KILLS ?= 200
test-durability: ## kill the embedded broker under load KILLS times (200) and check all that its clients know for sure
	@STREAMSYNC_TEST_KILLS=$(KILLS) dotnet test tests/StreamSync.Clients.Tests -c $(CONFIGURATION) --nologo --filter FullyQualifiedName~KillTests --logger "console;verbosity=detailed"

pack: ## pack the command as a .NET tool into artifacts/package
	@dotnet pack services/StreamSync.Cli -c $(CONFIGURATION) --nologo

clean: ## remove everything that was built
	@rm -rf artifacts
