-- Which span of a kept trace a message was queued in: sixteen bytes of the trace's name, eight of the span's, so that its
-- sending is shown there (docs/adr/0014-telemetry.md). Null for all whose request is not kept, which are nearly all.
alter table message add column trace bytea;
