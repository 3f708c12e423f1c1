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

