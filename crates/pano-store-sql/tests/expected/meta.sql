-- counter.step
sqlite: INSERT INTO "counter" ("name", "value") VALUES (?, ?) ON CONFLICT ("name") DO UPDATE SET "value" = "counter"."value" + "excluded"."value" RETURNING "name", "value"
postgres: INSERT INTO "counter" ("name", "value") VALUES ($1, $2) ON CONFLICT ("name") DO UPDATE SET "value" = "counter"."value" + "excluded"."value" RETURNING "name", "value"

-- one_time_secret.add
sqlite: INSERT INTO "one_time_secret" ("name", "hash", "created_at") VALUES (?, ?, ?) ON CONFLICT ("name") DO NOTHING
postgres: INSERT INTO "one_time_secret" ("name", "hash", "created_at") VALUES ($1, $2, $3) ON CONFLICT ("name") DO NOTHING

-- one_time_secret.find
sqlite: SELECT "name" FROM "one_time_secret" WHERE "name" = ? AND "hash" = ?
postgres: SELECT "name" FROM "one_time_secret" WHERE "name" = $1 AND "hash" = $2

-- one_time_secret.use
sqlite: UPDATE "one_time_secret" SET "used_at" = ?, "used_by" = ? WHERE "name" = ? AND "hash" = ? AND "used_at" IS NULL
postgres: UPDATE "one_time_secret" SET "used_at" = $1, "used_by" = $2 WHERE "name" = $3 AND "hash" = $4 AND "used_at" IS NULL

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

