//! Clouds, hosting and infrastructure as code.

use super::{databases, listed, operands, says};
use crate::script::Judged;
use crate::script::shell::calls::Call;

pub(super) fn judge(call: &Call, program: &str) -> Option<Judged> {
    Some(match program {
        "terraform" | "tofu" | "terragrunt" => terraform(call, program),
        "pulumi" => pulumi(call),
        "aws" => aws(call),
        "gcloud" | "az" | "doctl" | "oci" | "ibmcloud" | "linode-cli" | "hcloud" | "exo" => {
            by_verbs(call, program)
        }
        "gsutil" => gsutil(call),
        "mc" | "s3cmd" | "s5cmd" | "azcopy" | "b2" => objects(call, program)?,
        "ansible-playbook"
            if says(call, "--check")
                || says(call, "--list-hosts")
                || says(call, "--syntax-check") =>
        {
            Judged::reads()
        }
        "vercel" | "netlify" | "heroku" | "fly" | "flyctl" | "railway" | "wrangler"
        | "firebase" | "eb" | "supabase" | "render" | "eksctl" | "serverless" | "sls" | "sam"
        | "cdk" | "vault" | "turso" => {
            databases::hosted(call, program).unwrap_or_else(|| by_verbs(call, program))
        }
        _ => return None,
    })
}

fn terraform(call: &Call, program: &str) -> Judged {
    let mut words = operands(call);
    // `terragrunt run-all destroy`, `terragrunt run --all destroy`
    if program == "terragrunt" && words.first().is_some_and(|w| listed("run-all run", w)) {
        words.remove(0);
    }
    let (first, second) = (
        words.first().copied().unwrap_or(""),
        words.get(1).copied().unwrap_or(""),
    );
    let looks = listed(
        "plan show output validate version providers graph console",
        first,
    ) || first == "state" && listed("list show pull", second)
        || first == "workspace" && listed("list show", second)
        || first == "fmt" && says(call, "-check");
    if looks
        && call
            .args()
            .any(|a| a.starts_with("-out") || a.starts_with("--out"))
    {
        return Judged::changes(format!("{program} {first} writes a file"));
    }
    if looks {
        return Judged::reads();
    }
    let destroys = listed("destroy destroy-all", first)
        || first == "apply" && call.args().any(|a| a == "-destroy" || a == "--destroy");
    if destroys || first == "state" && second == "rm" {
        return Judged::irreversible(format!("{program} {first} destroys what it manages"));
    }
    Judged::changes(format!("{program} {first} changes the infrastructure"))
}

fn pulumi(call: &Call) -> Judged {
    let first = operands(call).first().copied().unwrap_or("").to_owned();
    if listed("preview logs about whoami version", &first) {
        return Judged::reads();
    }
    if first == "destroy" {
        return Judged::irreversible("pulumi destroy destroys what it manages");
    }
    Judged::changes(format!("pulumi {first} changes the infrastructure"))
}

fn aws(call: &Call) -> Judged {
    let words = words_of(call);
    let verb = words.get(1).copied().unwrap_or("");
    if words.first() == Some(&"s3") {
        return s3(call, verb);
    }
    let reading = [
        "describe-",
        "get-",
        "list-",
        "batch-get-",
        "lookup-",
        "search-",
        "filter-",
        "tail",
        "wait",
        "head-",
        "view-",
        "query",
        "scan",
        "test-",
    ];
    // `get` of these writes its answer to a file.
    let writes = matches!(verb, "get-object" | "get-snapshot-block");
    if reading.iter().any(|r| verb.starts_with(r)) && !writes || words.is_empty() || verb == "help"
    {
        return Judged::reads();
    }
    let ending = [
        "delete-",
        "terminate-",
        "deregister-",
        "purge-",
        "destroy-",
        "remove-",
        "batch-delete-",
    ];
    if ending.iter().any(|e| verb.starts_with(e)) {
        return Judged::irreversible(format!("aws {verb} removes it"));
    }
    Judged::changes(format!("aws {verb} changes things in the cloud"))
}

/// The words that are no options and no values of the common ones.
fn words_of(call: &Call) -> Vec<&str> {
    let with_value = "--region --profile --output --query --endpoint-url --project --format \
        --filter -g --resource-group --subscription --zone --account -a --app -r --remote -c \
        --config -s --service";
    let mut value = false;
    call.args()
        .filter(|arg| {
            let skip = std::mem::replace(&mut value, listed(with_value, arg));
            !skip && !arg.starts_with('-')
        })
        .collect()
}

fn s3(call: &Call, verb: &str) -> Judged {
    if verb == "ls" || says(call, "--dryrun") || verb == "presign" {
        return Judged::reads();
    }
    if verb == "rm" || verb == "rb" || verb == "mv" {
        return Judged::irreversible(format!("aws s3 {verb} removes objects"));
    }
    if says(call, "--delete") {
        return Judged::irreversible("aws s3 sync --delete removes what the source does not have");
    }
    Judged::changes(format!("aws s3 {verb} writes objects"))
}

fn gsutil(call: &Call) -> Judged {
    let words = operands(call);
    let verb = words
        .iter()
        .find(|w| !listed("-m -q", w))
        .copied()
        .unwrap_or("");
    if listed("ls cat stat du hash version", verb) {
        return Judged::reads();
    }
    let deletes = listed("rm rb mv", verb) || verb == "rsync" && says(call, "-d");
    if deletes {
        return Judged::irreversible(format!("gsutil {verb} removes objects"));
    }
    Judged::changes(format!("gsutil {verb} writes objects"))
}

/// Clients of object stores, as far as they remove what is there.
fn objects(call: &Call, program: &str) -> Option<Judged> {
    let words = operands(call);
    let verbs = "rm rb del remove expire ls-and-rm delete-file-version delete-bucket";
    let verb = words.iter().take(2).find(|w| listed(verbs, w));
    let mirrors =
        says(call, "--remove") || says(call, "--delete-removed") || says(call, "--delete");
    match verb {
        Some(verb) => Some(Judged::irreversible(format!(
            "{program} {verb} removes objects"
        ))),
        None if mirrors => Some(Judged::irreversible(format!(
            "{program} removes what the source does not have"
        ))),
        None => None,
    }
}

/// Clients whose words say what they do, somewhere among groups and names.
fn by_verbs(call: &Call, program: &str) -> Judged {
    // These put a backup in the place of what is there; elsewhere a restore makes a new instance.
    const OVER: &[&[&str]] = &[
        &["sql", "backups", "restore"],
        &["sql", "instances", "restore-backup"],
        &["redis", "instances", "import"],
    ];
    let mut words = words_of(call);
    let over = |names: &&[&str]| words.windows(names.len()).any(|w| *w == **names);
    if program == "gcloud" && OVER.iter().any(over) {
        return Judged::irreversible(
            "gcloud puts the backup in the place of the data that is there",
        );
    }
    // Groups of products that are named like verbs: `gcloud run services describe`.
    let group = words.first().is_some_and(|w| listed("run deploy", w));
    if program == "gcloud" && group && words.len() > 2 {
        words.remove(0);
    }
    let ending = "delete destroy purge remove reset rm pg:reset apps:destroy db:reset terminate kill drop teardown";
    let reading = "list ls show describe logs log get status info inspect whoami version ps releases read \
        list-versions diff tail view env:list help releases:info pg:info config history synth";
    let acting = "create update set deploy rollback restart scale start stop run exec up down push import \
        promote alias add link enable disable migrate apply revert resume pause publish attach detach \
        write put patch move copy restore failover swap ssh unset";
    // `gcloud run services describe`: the product's name is no verb.
    let group = program == "gcloud" && listed("run deploy", words.first().unwrap_or(&""));
    let verbs = words.iter().skip(usize::from(group && words.len() > 2));
    let names: Vec<&str> = verbs.take(4).copied().collect();
    if let Some(verb) = names.iter().find(|w| listed(ending, w)) {
        return Judged::irreversible(format!("{program} {verb} removes it"));
    }
    if names.iter().any(|w| listed(acting, w)) || names.is_empty() && !says(call, "--version") {
        return Judged::changes(format!("{program} changes what is deployed"));
    }
    // Credentials are written where the client keeps them.
    let asks = |w: &str| {
        let begins = ["list-", "describe-", "get-"]
            .iter()
            .any(|b| w.starts_with(b));
        listed(reading, w) || begins && !w.contains("credential")
    };
    if names.is_empty() || names.iter().any(|w| asks(w)) {
        return Judged::reads();
    }
    Judged::changes(format!(
        "{program} {} is not known to only read",
        names.join(" ")
    ))
}
