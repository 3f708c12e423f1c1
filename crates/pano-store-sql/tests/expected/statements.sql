-- access_record.add
sqlite: INSERT INTO "access_record" ("id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), … ON CONFLICT ("id") DO NOTHING
postgres: INSERT INTO "access_record" ("id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20), … ON CONFLICT ("id") DO NOTHING

-- access_record.beyond
sqlite: SELECT "id", "at" FROM "access_record" ORDER BY "at" DESC, "id" DESC LIMIT ? OFFSET ?
postgres: SELECT "id", "at" FROM "access_record" ORDER BY "at" DESC, "id" DESC LIMIT $1 OFFSET $2

-- access_record.prune
sqlite: DELETE FROM "access_record" WHERE "id" IN (SELECT "id" FROM "access_record" WHERE "at" < ? OR ("at", "id") <= (?, ?) ORDER BY "at" ASC, "id" ASC LIMIT ?)
sqlite: DELETE FROM "access_record" WHERE "id" IN (SELECT "id" FROM "access_record" WHERE "at" < ? ORDER BY "at" ASC, "id" ASC LIMIT ?)
postgres: DELETE FROM "access_record" WHERE "id" IN (SELECT "id" FROM "access_record" WHERE "at" < $1 OR ("at", "id") <= ($2, $3) ORDER BY "at" ASC, "id" ASC LIMIT $4)
postgres: DELETE FROM "access_record" WHERE "id" IN (SELECT "id" FROM "access_record" WHERE "at" < $1 ORDER BY "at" ASC, "id" ASC LIMIT $2)

-- access_record.search
sqlite: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "api" = ? ORDER BY "at" DESC, "id" DESC LIMIT ?
sqlite: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "app" = ? ORDER BY "at" DESC, "id" DESC LIMIT ?
sqlite: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "at" >= ? AND "at" < ? ORDER BY "at" DESC, "id" DESC LIMIT ?
sqlite: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "code" = ? AND ("at", "id") < (?, ?) ORDER BY "at" DESC, "id" DESC LIMIT ?
sqlite: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "code" = ? ORDER BY "at" DESC, "id" DESC LIMIT ?
sqlite: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "operation" = ? ORDER BY "at" DESC, "id" DESC LIMIT ?
sqlite: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "partner" = ? AND ("at", "id") < (?, ?) ORDER BY "at" DESC, "id" DESC LIMIT ?
sqlite: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "partner" = ? ORDER BY "at" DESC, "id" DESC LIMIT ?
sqlite: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "status" = ? ORDER BY "at" DESC, "id" DESC LIMIT ?
sqlite: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "trace_id" = ? ORDER BY "at" DESC, "id" DESC LIMIT ?
sqlite: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE ("at", "id") < (?, ?) ORDER BY "at" DESC, "id" DESC LIMIT ?
sqlite: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE TRUE ORDER BY "at" DESC, "id" DESC LIMIT ?
postgres: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "api" = $1 ORDER BY "at" DESC, "id" DESC LIMIT $2
postgres: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "app" = $1 ORDER BY "at" DESC, "id" DESC LIMIT $2
postgres: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "at" >= $1 AND "at" < $2 ORDER BY "at" DESC, "id" DESC LIMIT $3
postgres: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "code" = $1 AND ("at", "id") < ($2, $3) ORDER BY "at" DESC, "id" DESC LIMIT $4
postgres: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "code" = $1 ORDER BY "at" DESC, "id" DESC LIMIT $2
postgres: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "operation" = $1 ORDER BY "at" DESC, "id" DESC LIMIT $2
postgres: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "partner" = $1 AND ("at", "id") < ($2, $3) ORDER BY "at" DESC, "id" DESC LIMIT $4
postgres: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "partner" = $1 ORDER BY "at" DESC, "id" DESC LIMIT $2
postgres: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "status" = $1 ORDER BY "at" DESC, "id" DESC LIMIT $2
postgres: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE "trace_id" = $1 ORDER BY "at" DESC, "id" DESC LIMIT $2
postgres: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE ("at", "id") < ($1, $2) ORDER BY "at" DESC, "id" DESC LIMIT $3
postgres: SELECT "id", "at", "trace_id", "client", "method", "route", "api", "version", "operation", "app", "partner", "subscription", "status", "code", "accepted", "bytes_in", "bytes_out", "duration_us", "upstream_us", "attempts" FROM "access_record" WHERE TRUE ORDER BY "at" DESC, "id" DESC LIMIT $1

-- audit.append
sqlite: INSERT INTO "audit" ("seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "audit" ("seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- audit.page
sqlite: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "action" = ? ORDER BY "seq" DESC LIMIT ?
sqlite: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "action" >= ? AND "action" < ? ORDER BY "seq" DESC LIMIT ?
sqlite: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "actor" = ? ORDER BY "seq" DESC LIMIT ?
sqlite: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "at" >= ? AND "at" < ? ORDER BY "seq" DESC LIMIT ?
sqlite: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "seq" < ? ORDER BY "seq" DESC LIMIT ?
sqlite: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "subject_kind" = ? AND "subject_id" = ? ORDER BY "seq" DESC LIMIT ?
sqlite: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "subject_kind" = ? ORDER BY "seq" DESC LIMIT ?
sqlite: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE TRUE ORDER BY "seq" DESC LIMIT ?
postgres: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "action" = $1 ORDER BY "seq" DESC LIMIT $2
postgres: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "action" >= $1 AND "action" < $2 ORDER BY "seq" DESC LIMIT $3
postgres: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "actor" = $1 ORDER BY "seq" DESC LIMIT $2
postgres: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "at" >= $1 AND "at" < $2 ORDER BY "seq" DESC LIMIT $3
postgres: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "seq" < $1 ORDER BY "seq" DESC LIMIT $2
postgres: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "subject_kind" = $1 AND "subject_id" = $2 ORDER BY "seq" DESC LIMIT $3
postgres: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "subject_kind" = $1 ORDER BY "seq" DESC LIMIT $2
postgres: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE TRUE ORDER BY "seq" DESC LIMIT $1

-- audit.verify
sqlite: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "seq" > ? ORDER BY "seq" ASC LIMIT ?
postgres: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "seq" > $1 ORDER BY "seq" ASC LIMIT $2

-- audit_head.lock
sqlite: SELECT "one", "seq", "hash" FROM "audit_head" 
postgres: SELECT "one", "seq", "hash" FROM "audit_head" FOR UPDATE

-- audit_head.move
sqlite: UPDATE "audit_head" SET "seq" = ?, "hash" = ? WHERE "seq" = ?
postgres: UPDATE "audit_head" SET "seq" = $1, "hash" = $2 WHERE "seq" = $3

-- audit_head.read
sqlite: SELECT "one", "seq", "hash" FROM "audit_head"
postgres: SELECT "one", "seq", "hash" FROM "audit_head"

-- consumer_cursor.init
sqlite: INSERT INTO "consumer_cursor" ("consumer", "position", "moved_at") VALUES (?, ?, ?) ON CONFLICT ("consumer") DO NOTHING
postgres: INSERT INTO "consumer_cursor" ("consumer", "position", "moved_at") VALUES ($1, $2, $3) ON CONFLICT ("consumer") DO NOTHING

-- consumer_cursor.move
sqlite: SELECT "consumer", "position" FROM "consumer_cursor" WHERE "consumer" = ?
sqlite: UPDATE "consumer_cursor" SET "position" = ?, "moved_at" = ? WHERE "consumer" = ? AND "position" = ?
postgres: SELECT "consumer", "position" FROM "consumer_cursor" WHERE "consumer" = $1
postgres: UPDATE "consumer_cursor" SET "position" = $1, "moved_at" = $2 WHERE "consumer" = $3 AND "position" = $4

-- consumer_cursor.read
sqlite: SELECT "consumer", "position" FROM "consumer_cursor" WHERE "consumer" = ?
postgres: SELECT "consumer", "position" FROM "consumer_cursor" WHERE "consumer" = $1

-- consumer_cursor.slowest
sqlite: SELECT MIN("position") AS "position" FROM "consumer_cursor"
postgres: SELECT MIN("position") AS "position" FROM "consumer_cursor"

-- counter.step
sqlite: INSERT INTO "counter" ("name", "value") VALUES (?, ?) ON CONFLICT ("name") DO UPDATE SET "value" = "counter"."value" + "excluded"."value" RETURNING "name", "value"
postgres: INSERT INTO "counter" ("name", "value") VALUES ($1, $2) ON CONFLICT ("name") DO UPDATE SET "value" = "counter"."value" + "excluded"."value" RETURNING "name", "value"

-- gateway.forget
sqlite: DELETE FROM "gateway" WHERE "name" = ?
postgres: DELETE FROM "gateway" WHERE "name" = $1

-- gateway.list
sqlite: SELECT "name", "version", "started_at", "digest", "revision", "last_error", "first_seen_at", "last_seen_at" FROM "gateway" ORDER BY "name" ASC LIMIT ?
postgres: SELECT "name", "version", "started_at", "digest", "revision", "last_error", "first_seen_at", "last_seen_at" FROM "gateway" ORDER BY "name" ASC LIMIT $1

-- gateway.report
sqlite: INSERT INTO "gateway" ("name", "version", "started_at", "digest", "revision", "last_error", "first_seen_at", "last_seen_at") VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT ("name") DO UPDATE SET "version" = "excluded"."version", "started_at" = "excluded"."started_at", "digest" = "excluded"."digest", "revision" = "excluded"."revision", "last_error" = "excluded"."last_error", "last_seen_at" = "excluded"."last_seen_at"
postgres: INSERT INTO "gateway" ("name", "version", "started_at", "digest", "revision", "last_error", "first_seen_at", "last_seen_at") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ("name") DO UPDATE SET "version" = "excluded"."version", "started_at" = "excluded"."started_at", "digest" = "excluded"."digest", "revision" = "excluded"."revision", "last_error" = "excluded"."last_error", "last_seen_at" = "excluded"."last_seen_at"

-- gateway_cursor.init
sqlite: INSERT INTO "gateway_cursor" ("gateway", "position", "moved_at") VALUES (?, ?, ?) ON CONFLICT ("gateway") DO NOTHING
postgres: INSERT INTO "gateway_cursor" ("gateway", "position", "moved_at") VALUES ($1, $2, $3) ON CONFLICT ("gateway") DO NOTHING

-- gateway_cursor.move
sqlite: SELECT "gateway", "position" FROM "gateway_cursor" WHERE "gateway" = ?
sqlite: UPDATE "gateway_cursor" SET "position" = ?, "moved_at" = ? WHERE "gateway" = ? AND "position" = ?
postgres: SELECT "gateway", "position" FROM "gateway_cursor" WHERE "gateway" = $1
postgres: UPDATE "gateway_cursor" SET "position" = $1, "moved_at" = $2 WHERE "gateway" = $3 AND "position" = $4

-- gateway_cursor.read
sqlite: SELECT "gateway", "position" FROM "gateway_cursor" WHERE "gateway" = ?
postgres: SELECT "gateway", "position" FROM "gateway_cursor" WHERE "gateway" = $1

-- one_time_secret.add
sqlite: INSERT INTO "one_time_secret" ("name", "hash", "created_at") VALUES (?, ?, ?) ON CONFLICT ("name") DO NOTHING
postgres: INSERT INTO "one_time_secret" ("name", "hash", "created_at") VALUES ($1, $2, $3) ON CONFLICT ("name") DO NOTHING

-- one_time_secret.find
sqlite: SELECT "name" FROM "one_time_secret" WHERE "name" = ? AND "hash" = ?
postgres: SELECT "name" FROM "one_time_secret" WHERE "name" = $1 AND "hash" = $2

-- one_time_secret.use
sqlite: UPDATE "one_time_secret" SET "used_at" = ?, "used_by" = ? WHERE "name" = ? AND "hash" = ? AND "used_at" IS NULL
postgres: UPDATE "one_time_secret" SET "used_at" = $1, "used_by" = $2 WHERE "name" = $3 AND "hash" = $4 AND "used_at" IS NULL

-- operator.add
sqlite: INSERT INTO "operator" ("id", "name", "kind", "roles", "created_at", "disabled_at", "generation") VALUES (?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "operator" ("id", "name", "kind", "roles", "created_at", "disabled_at", "generation") VALUES ($1, $2, $3, $4, $5, $6, $7)

-- operator.by_name
sqlite: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" WHERE "name" = ?
postgres: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" WHERE "name" = $1

-- operator.lookup
sqlite: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" WHERE "id" = ?
postgres: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" WHERE "id" = $1

-- operator.page
sqlite: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" WHERE "id" > ? ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" ORDER BY "id" ASC LIMIT $1
postgres: SELECT "id", "name", "kind", "roles", "created_at", "disabled_at", "generation" FROM "operator" WHERE "id" > $1 ORDER BY "id" ASC LIMIT $2

-- operator.update
sqlite: UPDATE "operator" SET "name" = ?, "roles" = ?, "disabled_at" = ?, "generation" = ? WHERE "id" = ? AND "generation" = ?
postgres: UPDATE "operator" SET "name" = $1, "roles" = $2, "disabled_at" = $3, "generation" = $4 WHERE "id" = $5 AND "generation" = $6

-- operator_token.add
sqlite: INSERT INTO "operator_token" ("id", "operator_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at", "hash") VALUES (?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "operator_token" ("id", "operator_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at", "hash") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- operator_token.find
sqlite: SELECT "id", "operator_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at" FROM "operator_token" WHERE "hash" = ?
postgres: SELECT "id", "operator_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at" FROM "operator_token" WHERE "hash" = $1

-- operator_token.list
sqlite: SELECT "id", "operator_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at" FROM "operator_token" WHERE "operator_id" = ? ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "operator_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at" FROM "operator_token" WHERE "operator_id" = $1 ORDER BY "id" ASC LIMIT $2

-- operator_token.revoke
sqlite: UPDATE "operator_token" SET "revoked_at" = IFNULL("revoked_at", ?) WHERE "id" = ?
postgres: UPDATE "operator_token" SET "revoked_at" = COALESCE("revoked_at", $1) WHERE "id" = $2

-- operator_token.touch
sqlite: UPDATE "operator_token" SET "last_used_at" = ? WHERE "id" = ? AND ("last_used_at" IS NULL OR "last_used_at" <= ?)
postgres: UPDATE "operator_token" SET "last_used_at" = $1 WHERE "id" = $2 AND ("last_used_at" IS NULL OR "last_used_at" <= $3)

-- outbox.add
sqlite: INSERT INTO "outbox" ("seq", "id", "type", "source", "subject", "at", "data", "traceparent") VALUES (?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "outbox" ("seq", "id", "type", "source", "subject", "at", "data", "traceparent") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- outbox.prune
sqlite: DELETE FROM "outbox" WHERE "seq" IN (SELECT "seq" FROM "outbox" WHERE "seq" <= ? ORDER BY "seq" ASC LIMIT ?)
postgres: DELETE FROM "outbox" WHERE "seq" IN (SELECT "seq" FROM "outbox" WHERE "seq" <= $1 ORDER BY "seq" ASC LIMIT $2)

-- outbox.take
sqlite: SELECT "seq", "id", "type", "source", "subject", "at", "data", "traceparent" FROM "outbox" WHERE "seq" > ? ORDER BY "seq" ASC LIMIT ?
postgres: SELECT "seq", "id", "type", "source", "subject", "at", "data", "traceparent" FROM "outbox" WHERE "seq" > $1 ORDER BY "seq" ASC LIMIT $2

-- setting.init
sqlite: INSERT INTO "setting" ("name", "value", "changed_at") VALUES (?, ?, ?) ON CONFLICT ("name") DO NOTHING
postgres: INSERT INTO "setting" ("name", "value", "changed_at") VALUES ($1, $2, $3) ON CONFLICT ("name") DO NOTHING

-- setting.put
sqlite: INSERT INTO "setting" ("name", "value", "changed_at") VALUES (?, ?, ?) ON CONFLICT ("name") DO UPDATE SET "value" = "excluded"."value", "changed_at" = "excluded"."changed_at"
postgres: INSERT INTO "setting" ("name", "value", "changed_at") VALUES ($1, $2, $3) ON CONFLICT ("name") DO UPDATE SET "value" = "excluded"."value", "changed_at" = "excluded"."changed_at"

-- setting.read
sqlite: SELECT "name", "value" FROM "setting" WHERE "name" = ?
postgres: SELECT "name", "value" FROM "setting" WHERE "name" = $1

-- snapshot_last.compiled
sqlite: INSERT INTO "snapshot_last" ("one", "revision", "digest", "change_seq", "compiled_at") VALUES (?, ?, ?, ?, ?) ON CONFLICT ("one") DO UPDATE SET "revision" = "snapshot_last"."revision" + (CASE WHEN ("snapshot_last"."digest" = "excluded"."digest") THEN ? ELSE ? END), "digest" = "excluded"."digest", "change_seq" = "excluded"."change_seq", "compiled_at" = "excluded"."compiled_at" RETURNING "one", "revision"
postgres: INSERT INTO "snapshot_last" ("one", "revision", "digest", "change_seq", "compiled_at") VALUES ($1, $2, $3, $4, $5) ON CONFLICT ("one") DO UPDATE SET "revision" = "snapshot_last"."revision" + (CASE WHEN ("snapshot_last"."digest" = "excluded"."digest") THEN $6 ELSE $7 END), "digest" = "excluded"."digest", "change_seq" = "excluded"."change_seq", "compiled_at" = "excluded"."compiled_at" RETURNING "one", "revision"

-- snapshot_last.read
sqlite: SELECT "one", "revision", "digest", "change_seq", "compiled_at" FROM "snapshot_last"
postgres: SELECT "one", "revision", "digest", "change_seq", "compiled_at" FROM "snapshot_last"

-- usage_hour.add
sqlite: INSERT INTO "usage_hour" ("hour", "partner", "app", "api", "version", "operation", "status", "requests", "accepted", "bytes_in", "bytes_out", "duration_us") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), … ON CONFLICT ("hour", "partner", "app", "api", "version", "operation", "status") DO UPDATE SET "requests" = "usage_hour"."requests" + "excluded"."requests", "accepted" = "usage_hour"."accepted" + "excluded"."accepted", "bytes_in" = "usage_hour"."bytes_in" + "excluded"."bytes_in", "bytes_out" = "usage_hour"."bytes_out" + "excluded"."bytes_out", "duration_us" = "usage_hour"."duration_us" + "excluded"."duration_us"
postgres: INSERT INTO "usage_hour" ("hour", "partner", "app", "api", "version", "operation", "status", "requests", "accepted", "bytes_in", "bytes_out", "duration_us") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12), … ON CONFLICT ("hour", "partner", "app", "api", "version", "operation", "status") DO UPDATE SET "requests" = "usage_hour"."requests" + "excluded"."requests", "accepted" = "usage_hour"."accepted" + "excluded"."accepted", "bytes_in" = "usage_hour"."bytes_in" + "excluded"."bytes_in", "bytes_out" = "usage_hour"."bytes_out" + "excluded"."bytes_out", "duration_us" = "usage_hour"."duration_us" + "excluded"."duration_us"

-- usage_hour.rows
sqlite: SELECT CAST(COALESCE(SUM("requests"), ?) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), ?) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), ?) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), ?) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), ?) AS bigint) AS "duration_us" FROM "usage_hour" WHERE TRUE LIMIT ?
sqlite: SELECT CAST(COALESCE(SUM("requests"), ?) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), ?) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), ?) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), ?) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), ?) AS bigint) AS "duration_us", "app" AS "app", "api" AS "api", "version" AS "version", "operation" AS "operation", "partner" AS "partner" FROM "usage_hour" WHERE TRUE GROUP BY "app", "api", "version", "operation", "partner" ORDER BY "app" ASC, "api" ASC, "version" ASC, "operation" ASC, "partner" ASC LIMIT ?
sqlite: SELECT CAST(COALESCE(SUM("requests"), ?) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), ?) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), ?) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), ?) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), ?) AS bigint) AS "duration_us", "hour" AS "hour" FROM "usage_hour" WHERE TRUE GROUP BY "hour" ORDER BY "hour" ASC LIMIT ?
sqlite: SELECT CAST(COALESCE(SUM("requests"), ?) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), ?) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), ?) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), ?) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), ?) AS bigint) AS "duration_us", hour / 86400000000 AS "day", "status" AS "status" FROM "usage_hour" WHERE TRUE GROUP BY hour / 86400000000, "status" ORDER BY hour / 86400000000 ASC, "status" ASC LIMIT ?
postgres: SELECT CAST(COALESCE(SUM("requests"), $1) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), $2) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), $3) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), $4) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), $5) AS bigint) AS "duration_us" FROM "usage_hour" WHERE TRUE LIMIT $6
postgres: SELECT CAST(COALESCE(SUM("requests"), $1) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), $2) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), $3) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), $4) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), $5) AS bigint) AS "duration_us", "app" AS "app", "api" AS "api", "version" AS "version", "operation" AS "operation", "partner" AS "partner" FROM "usage_hour" WHERE TRUE GROUP BY "app", "api", "version", "operation", "partner" ORDER BY "app" ASC, "api" ASC, "version" ASC, "operation" ASC, "partner" ASC LIMIT $6
postgres: SELECT CAST(COALESCE(SUM("requests"), $1) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), $2) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), $3) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), $4) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), $5) AS bigint) AS "duration_us", "hour" AS "hour" FROM "usage_hour" WHERE TRUE GROUP BY "hour" ORDER BY "hour" ASC LIMIT $6
postgres: SELECT CAST(COALESCE(SUM("requests"), $1) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), $2) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), $3) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), $4) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), $5) AS bigint) AS "duration_us", hour / 86400000000 AS "day", "status" AS "status" FROM "usage_hour" WHERE TRUE GROUP BY hour / 86400000000, "status" ORDER BY hour / 86400000000 ASC, "status" ASC LIMIT $6

-- usage_hour.totals
sqlite: SELECT CAST(COALESCE(SUM("requests"), ?) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), ?) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), ?) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), ?) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), ?) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "api" = ?
sqlite: SELECT CAST(COALESCE(SUM("requests"), ?) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), ?) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), ?) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), ?) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), ?) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "app" = ?
sqlite: SELECT CAST(COALESCE(SUM("requests"), ?) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), ?) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), ?) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), ?) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), ?) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "hour" >= ? AND "hour" < ?
sqlite: SELECT CAST(COALESCE(SUM("requests"), ?) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), ?) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), ?) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), ?) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), ?) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "operation" = ?
sqlite: SELECT CAST(COALESCE(SUM("requests"), ?) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), ?) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), ?) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), ?) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), ?) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "partner" = ?
sqlite: SELECT CAST(COALESCE(SUM("requests"), ?) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), ?) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), ?) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), ?) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), ?) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "status" = ?
sqlite: SELECT CAST(COALESCE(SUM("requests"), ?) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), ?) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), ?) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), ?) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), ?) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "version" = ?
sqlite: SELECT CAST(COALESCE(SUM("requests"), ?) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), ?) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), ?) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), ?) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), ?) AS bigint) AS "duration_us" FROM "usage_hour" WHERE TRUE
postgres: SELECT CAST(COALESCE(SUM("requests"), $1) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), $2) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), $3) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), $4) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), $5) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "api" = $6
postgres: SELECT CAST(COALESCE(SUM("requests"), $1) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), $2) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), $3) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), $4) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), $5) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "app" = $6
postgres: SELECT CAST(COALESCE(SUM("requests"), $1) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), $2) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), $3) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), $4) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), $5) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "hour" >= $6 AND "hour" < $7
postgres: SELECT CAST(COALESCE(SUM("requests"), $1) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), $2) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), $3) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), $4) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), $5) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "operation" = $6
postgres: SELECT CAST(COALESCE(SUM("requests"), $1) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), $2) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), $3) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), $4) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), $5) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "partner" = $6
postgres: SELECT CAST(COALESCE(SUM("requests"), $1) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), $2) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), $3) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), $4) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), $5) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "status" = $6
postgres: SELECT CAST(COALESCE(SUM("requests"), $1) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), $2) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), $3) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), $4) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), $5) AS bigint) AS "duration_us" FROM "usage_hour" WHERE "version" = $6
postgres: SELECT CAST(COALESCE(SUM("requests"), $1) AS bigint) AS "requests", CAST(COALESCE(SUM("accepted"), $2) AS bigint) AS "accepted", CAST(COALESCE(SUM("bytes_in"), $3) AS bigint) AS "bytes_in", CAST(COALESCE(SUM("bytes_out"), $4) AS bigint) AS "bytes_out", CAST(COALESCE(SUM("duration_us"), $5) AS bigint) AS "duration_us" FROM "usage_hour" WHERE TRUE

