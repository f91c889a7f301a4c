//! Plans that rely on one shell: directories, variables, sessions and alternatives that go from
//! block to block. What the reader owes them is every line in its order, nothing run twice or
//! elsewhere, and a procedure's own start; running them is held where sessions are.

use super::{plan, told};

/// A quick way that enters a directory in one step and leaves it in the next; a full way in the
/// same plan that enters it in each of its steps, and has a backup to look for.
#[test]
fn a_block_that_enters_a_directory_is_left_by_a_later_step() {
    assert_eq!(
        told(&plan(
            "# Back-out of release 7.2 (orders)\n\n## Rollback procedures\n\n### Fast Rollback (< 8 minutes)\n\n#### Step 1: Find the release (1 minute)\n\n```bash\n# 1. List the last tags\ngit tag -l \"r*\" | tail -3\n# Expected: r7.1.4 = last good one\n\n# 2. Go back to it\ngit checkout r7.1.4\n\n# 3. Enter the service\ncd service\n\n# 4. Install\nnpm ci\n\n# 5. Restart it\npm2 restart orders\n\n# 6. See that it runs\npm2 list | grep orders\n# Expected: status = \"online\"\n```\n\n#### Step 2: Front page (2 minutes)\n\n```bash\n# 1. Go to the project root\ncd ..\n\n# 2. Build the pages\nnpm run build\n```\n\n### Complete Rollback (< 40 minutes)\n\n#### Step 1: Tell everybody\n\n```bash\n# Status page: \"Orders are paused\"\n# Chat: \"Complete rollback begun\"\n```\n\n#### Step 2: Schema (10 minutes)\n\n**CRITICAL:** the schema change is irreversible. See that a backup exists first.\n\n```bash\n# 1. Verify backup exists\naws s3 ls s3://orders-dumps/ | grep \"$(date +%Y%m%d)\"\n# Expected: a dump of today\n\n# 2. Enter the service\ncd service\n\n# 3. Mark the migration\nnpx prisma migrate resolve --rolled-back 20260114000007_split_orders\n```\n\n#### Step 3: Code\n\n```bash\n# 1. Enter the service\ncd service\n\n# 2. Build\nnpm run build\n```\n"
        )),
        [
            "P Fast Rollback (< 8 minutes) 0..480s",
            " S Find the release 60..60s",
            "  shell [List the last tags] git tag -l \"r*\" | tail -3",
            "   = person: r7.1.4 = last good one",
            "  shell~ [Go back to it] git checkout r7.1.4",
            "  shell [Enter the service] cd service",
            "  shell~ [Install] npm ci",
            "  shell~ [Restart it] pm2 restart orders",
            "  shell [See that it runs] pm2 list | grep orders",
            "   = Contains(\"online\")",
            " S Front page 120..120s",
            "  shell [Go to the project root] cd ..",
            "  shell~ [Build the pages] npm run build",
            "P Complete Rollback (< 40 minutes) 0..2400s",
            " S Tell everybody",
            "  manual [Status page: \"Orders are paused\"] Chat: \"Complete rollback begun\"",
            " S Schema ! 600..600s",
            "  shell backup [Verify backup exists] aws s3 ls s3://orders-dumps/ | grep \"$(date +%Y%m%d)\"",
            "   = person: a dump of today",
            "  shell [Enter the service] cd service",
            "  shell! [Mark the migration] npx prisma migrate resolve --rolled-back 20260114000007_split_orders",
            " S Code",
            "  shell [Enter the service] cd service",
            "  shell~ [Build] npm run build",
        ]
    );
}

/// Numbered bold steps, German, indented by four: the first enters a deep directory, those after
/// it name paths from the root; one is labelled as Python and is a command.
#[test]
fn a_block_that_enters_a_deep_directory_before_steps_for_the_root() {
    assert_eq!(
        told(&plan(
            "# Umkehr der Preisrechnung\n\n## Rollback-Verfahren\n\n### Phase 1: Rechner\n\n#### Wiederherstellung (15-45 Minuten)\n1. **Alten Stand holen**\n    ```bash\n    git checkout tags/vor-phase1\n    cd jobs/preise/rechner/\n    cp alt.py rechner.py\n    ```\n\n2. **Zustand prüfen**\n    ```python\n    python tools/pruefen.py --alles\n    ```\n\n3. **Weitermachen**\n    ```bash\n    python tools/weiter.py --echt\n    ```\n"
        )),
        [
            "P Phase 1: Rechner",
            "P Wiederherstellung (15-45 Minuten) 900..2700s",
            " S Alten Stand holen",
            "  shell~ git checkout tags/vor-phase1⏎cd jobs/preise/rechner/⏎cp alt.py rechner.py",
            " S Zustand prüfen",
            "  shell~ python tools/pruefen.py --alles",
            " S Weitermachen",
            "  shell~ python tools/weiter.py --echt",
        ]
    );
}

/// `# Option A`, `B`, `C` in one block: one of the three, whole, and the one that empties a
/// directory is the one that cannot be undone.
#[test]
fn options_in_the_comments_of_one_block() {
    assert_eq!(
        told(&plan(
            "# Shop backend\n\n## Rollback Procedure\n\n### Step 1: Keep what is there\n\n```bash\n# Keep the tree\ncd /srv/shop\ntar -czf /keep/shop-$(date +%Y%m%d).tar.gz .\n```\n\n### Step 2: Bring the code back\n\n```bash\n# Option A: back to a tag\ngit fetch --tags\ngit checkout v3.1.0  # Before the change\n\n# Option B: revert what was merged\ngit log --oneline -15  # Find the merges\ngit revert <merge1> <merge2>\n\n# Option C: from the archive\ncd /srv/shop\nrm -rf *\ntar -xzf /keep/shop_before.tar.gz\n```\n"
        )),
        [
            "P Rollback Procedure",
            " S Keep what is there",
            "  shell~ [Keep the tree] cd /srv/shop⏎tar -czf /keep/shop-$(date +%Y%m%d).tar.gz .",
            " S Bring the code back",
            "  shell~ <1a> [Option A: back to a tag] git fetch --tags⏎git checkout v3.1.0  # Before the change",
            "  shell~ <1b> [Option B: revert what was merged] git log --oneline -15  # Find the merges⏎git revert <merge1> <merge2>",
            "   ? merge1 merge2",
            "  shell! <1c> [Option C: from the archive] cd /srv/shop⏎rm -rf *⏎tar -xzf /keep/shop_before.tar.gz",
        ]
    );
}

/// Russian: a session opened in a block of its own, examples below a `cd`, sibling parts for each
/// way of running, one of which is only told.
#[test]
fn a_session_in_one_block_and_commands_for_it_in_others() {
    assert_eq!(
        told(&plan(
            "# Откат сервиса доставки\n\n## Процедура отката\n\n### Шаг 1: Вход на сервер\n\n```bash\nssh ops@<адрес-сервера>\n```\n\n### Шаг 2: Каталог проекта\n\n```bash\ncd /path/to/delivery\n# Например:\n# cd ~/delivery\n# или\n# cd /opt/delivery\n```\n\n### Шаг 3: Остановка\n\n#### Если используется Docker:\n\n```bash\ndocker compose down\n```\n\n#### Если используется PM2:\n\n```bash\npm2 stop all\n```\n\n#### Если запущено вручную:\n\nНажмите `Ctrl+C` в окне сервиса.\n\n### Шаг 4: Код\n\n```bash\ngit reset --hard <commit>\ngit clean -fd\n```\n"
        )),
        [
            "P Процедура отката",
            " S Вход на сервер",
            "  shell~ interactive ssh ops@<адрес-сервера>",
            "   ? адрес_сервера",
            " S Каталог проекта",
            "  shell cd /path/to/delivery⏎# Например:⏎# cd ~/delivery⏎# или⏎# cd /opt/delivery",
            "  shell opt-in cd ~/delivery",
            "  shell opt-in cd /opt/delivery",
            " S Остановка",
            "  shell~ <1a> [Если используется Docker:] docker compose down",
            "  shell~ <1b> [Если используется PM2:] pm2 stop all",
            "  manual <1c> [Если запущено вручную:] Нажмите Ctrl+C в окне сервиса.",
            " S Код",
            "  shell! git reset --hard <commit>⏎git clean -fd",
            "   ? commit",
        ]
    );
}

/// One of three bold options sets the variable that a later step uses: never two of them.
#[test]
fn a_variable_that_one_of_three_alternatives_sets() {
    assert_eq!(
        told(&plan(
            "# Chat service\n\n## Full Rollback\n\n### Step 1: Choose what to go back to\n\n**Option A: A tag**\n\n```bash\n# Newest tags\ngit tag -l --sort=-creatordate | head -5\n\n# Such as:\n# v2.0.0\n# pre-merge-20260102\n\n# Take the last good one\nBACK_TAG=\"pre-merge-20260102\"\n```\n\n**Option B: A commit**\n\n```bash\n# Last commits\ngit log --oneline -8\n\n# Take a good one\nBACK_COMMIT=\"0a1b2c3\"\n```\n\n**Option C: An earlier phase**\n\n```bash\nBACK_BRANCH=\"phase-4\"\n```\n\n### Step 2: Go there\n\n```bash\ngit checkout $BACK_TAG\n# Or: git checkout $BACK_COMMIT\n```\n"
        )),
        [
            "P Full Rollback",
            " S Choose what to go back to",
            "  shell <1a> [Option A: A tag – Newest tags] git tag -l --sort=-creatordate | head -5⏎# Such as:⏎# v2.0.0⏎# pre-merge-20260102",
            "  shell <1a> [Take the last good one] BACK_TAG=\"pre-merge-20260102\"",
            "  shell <1b> [Option B: A commit – Last commits] git log --oneline -8",
            "  shell <1b> [Take a good one] BACK_COMMIT=\"0a1b2c3\"",
            "  shell <1c> [Option C: An earlier phase] BACK_BRANCH=\"phase-4\"",
            " S Go there",
            "  shell~ <2a> git checkout $BACK_TAG",
            "  shell~ opt-in <2b> git checkout $BACK_COMMIT",
        ]
    );
}

/// Spanish: a value that is to be taken from what the command before it shows.
#[test]
fn a_value_that_a_person_takes_from_the_output() {
    assert_eq!(
        told(&plan(
            "# Reversión de Envíos\n\n## Procedimiento de rollback\n\n#### Paso 1: Identificar la versión anterior\n\n```bash\n# Ver las últimas definiciones\naws ecs list-task-definitions \\\n  --family-prefix envios-api \\\n  --sort DESC \\\n  --max-items 4\n\n# Tomar la penúltima (es la estable)\nANTERIOR=\"arn:aws:ecs:eu-west-1:xxx:task-definition/envios-api:17\"\n```\n\n**Tiempo estimado:** 2 minutos\n\n---\n\n#### Paso 2: Ejecutar\n\n```bash\n# Volver a la definición anterior\naws ecs update-service \\\n  --cluster envios \\\n  --service envios-api \\\n  --task-definition $ANTERIOR\n```\n\n**Tiempo estimado:** 5 minutos\n"
        )),
        [
            "P Procedimiento de rollback 420..420s",
            " S Identificar la versión anterior 120..120s",
            "  shell [Ver las últimas definiciones] aws ecs list-task-definitions \\⏎  --family-prefix envios-api \\⏎  --sort DESC \\⏎  --max-items 4",
            "  shell [Tomar la penúltima (es la estable)] ANTERIOR=\"arn:aws:ecs:eu-west-1:xxx:task-definition/envios-api:17\"",
            "   ? blank-eu_west_1",
            " S Ejecutar 300..300s",
            "  shell~ [Volver a la definición anterior] aws ecs update-service \\⏎  --cluster envios \\⏎  --service envios-api \\⏎  --task-definition $ANTERIOR",
        ]
    );
}

/// `${stage?}` is a check and no blank; `${db-instance-name}` would silently be its second half,
/// and is one.
#[test]
fn expansions_that_look_like_blanks_and_blanks_that_look_like_expansions() {
    assert_eq!(
        told(&plan(
            "# Restore drill for the links app\n\n## Restore\n\n```sh\nstage=production\ncloud-cli ${stage?} \\\n  aws rds describe-db-snapshots\n```\n\nChoose the newest and keep its name:\n\n```sh\nsnapshot=\"<e.g. arn:aws:rds:eu-west-2:1:snapshot:links-2026-01-02>\"\n```\n\nIf there is none you can take one:\n\n```sh\ncloud-cli ${stage?} \\\n  aws rds create-db-snapshot \\\n    --db-instance-identifier ${db-instance-name} \\\n    --db-snapshot-identifier ${your-snapshot-name}\n```\n"
        )),
        [
            "P Restore",
            " S Restore",
            "  shell~ stage=production⏎cloud-cli ${stage?} \\⏎  aws rds describe-db-snapshots",
            " S Choose the newest and keep its name",
            "  shell snapshot=\"<e.g. arn:aws:rds:eu-west-2:1:snapshot:links-2026-01-02>\"",
            "   ? arn_aws_rds_eu_west_2_1_snapshot_links_2026_01_02",
            " S If there is none you can take one",
            "  shell~ opt-in cloud-cli ${stage?} \\⏎  aws rds create-db-snapshot \\⏎    --db-instance-identifier ${db-instance-name} \\⏎    --db-snapshot-identifier ${your-snapshot-name}",
            "   ? db_instance_name your_snapshot_name",
        ]
    );
}

/// A session and everything that is meant for it in one block: one action, with the list of what
/// is to be left alone as the comment that it is.
#[test]
fn commands_for_another_machine_are_one_action() {
    assert_eq!(
        told(&plan(
            "# Schools portal\n\n## Database rollback\n\n```bash\n# 1. SSH into the app server\nssh deploy@school-app\n\n# 2. Activate the environment\ncd /var/www/school\nsource venv/bin/activate\n\n# 3. See the state of the migrations\npython manage.py showmigrations\n\n# 4. Go back app by app\n# Format: python manage.py migrate <app> <migration>\n\n# --- Our apps (go back) ---\npython manage.py migrate pupils 0017_add_class\npython manage.py migrate marks 0009_photo\n\n# --- Apps of others (DO NOT touch) ---\n# admin, auth, contenttypes, sessions\n\n# 5. Check\npython manage.py showmigrations | grep -E \"\\[X\\]|\\[ \\]\"\n\n# 6. Try the app\npython manage.py check\n```\n"
        )),
        [
            "P Database rollback",
            " S SSH into the app server",
            "  shell~ interactive [SSH into the app server] ssh deploy@school-app⏎⏎# 2. Activate the environment⏎cd /var/www/school⏎source venv/bin/activate⏎⏎# 3. See the state of the migrations⏎python manage.py showmigrations⏎⏎# 4. Go back app by app⏎# Format: python manage.py migrate <app> <migration>⏎⏎# --- Our apps (go back) ---⏎python manage.py migrate pupils 0017_add_class⏎python manage.py migrate marks 0009_photo⏎⏎# --- Apps of others (DO NOT touch) ---⏎# admin, auth, contenttypes, sessions⏎⏎# 5. Check⏎python manage.py showmigrations | grep -E \"\\[X\\]|\\[ \\]\"⏎⏎# 6. Try the app⏎python manage.py check",
        ]
    );
}

/// Japanese: into one sibling directory and then the next, and what is to be edited by hand in each.
#[test]
fn sibling_directories_and_edits_that_are_only_told() {
    assert_eq!(
        told(&plan(
            "# 名前を戻す\n\n## ロールバック手順\n\n```bash\n# CareCoach\ncd ../CareCoach\n# agent.py の stack_name を 'CareStack' に戻す\n# deploy.sh の STACK を \"CareStack\" に戻す\n\n# CareUI\ncd ../CareUI\n# run.py の default を \"CareStack\" に戻す\n```\n"
        )),
        [
            "P ロールバック手順",
            " S ロールバック手順",
            "  shell [CareCoach] cd ../CareCoach",
            "  manual agent.py の stack_name を 'CareStack' に戻す⏎deploy.sh の STACK を \"CareStack\" に戻す",
            "  shell [CareUI] cd ../CareUI",
            "  manual run.py の default を \"CareStack\" に戻す",
        ]
    );
}
