//! Commands whose harm stands beside them, as plans have them.

use super::tests::all;
use crate::script::Danger;

#[test]
fn what_decides_which_program_runs_is_more_than_reading() {
    all(
        Danger::Changes,
        &[
            "curl telnet://cache:6379 <<< PING",
            "curl dict://cache:6379/info",
            "curl smtp://mail --upload-file x",
            "GIT_PAGER='sh -c x' git -p log",
            "export GIT_PAGER=./x; git log",
            "PAGER='less; x' git log",
            "git grep -Ovi x",
            "git grep --open-files-in-pager=x y",
            "ssh -o ProxyCommand='sh -c x' h uptime",
            "ssh -oProxyCommand=./x h uptime",
            "ssh -o PermitLocalCommand=yes -o LocalCommand='x' h uptime",
            "LD_PRELOAD=./x.so ls",
            "env LD_AUDIT=x ls",
            "sudo BASH_ENV=x ls",
            "ENV=./x sh -c 'ls'",
            "GIT_SSH_COMMAND='sh -c x' git ls-remote",
            "GIT_EXTERNAL_DIFF=x git diff",
            "TF_CLI_ARGS_plan='-destroy -out=x' terraform plan",
            "PROMPT_COMMAND=x",
            "export PATH=/tmp/bin:$PATH; ls",
            "PATH=.:$PATH git status",
            "[[ -v a[$(x)] ]]",
            "[[ -v 'a[$(x)]' ]]",
            "[[ 'a[$(x)]' -eq 1 ]]",
            "let 'a[$(x)]=1'",
            "declare -i x='a[$(x)]'",
            "printf -v 'a[$(x)]' y",
            "mapfile -C x -c 1 a < f",
            "a[$(x)]=1",
        ],
    );
    all(
        Danger::Irreversible,
        &[
            "curl telnet://cache:6379 <<< FLUSHALL",
            "curl gopher://cache:6379/_FLUSHALL",
            "echo flushall | curl telnet://cache:6379",
        ],
    );
    all(
        Danger::None,
        &[
            "GIT_PAGER=cat git log",
            "PAGER= git log; export PAGER='less -R'",
            "ENV=production; echo $ENV",
            "export PATH=$PATH:/srv/bin; git status",
            "export PATH=\"/usr/local/bin:$PATH\"; git status",
            "export PATH=./node_modules/.bin:$PATH; git status",
            "export PATH=\"$HOME/.local/bin:$PATH\"; git status",
            "export PATH=$JAVA_HOME/bin:$PATH; git status",
            "LD_LIBRARY_PATH=/srv/lib psql -c 'select 1'",
            "LD_PRELOAD=/usr/lib/libjemalloc.so ls",
            "GIT_SSH_COMMAND='ssh -i key' git ls-remote origin",
            "TF_CLI_ARGS=-no-color terraform plan",
            "ssh -o ProxyCommand='ssh -W %h:%p gate' h uptime",
            "ssh -o StrictHostKeyChecking=no -o ProxyCommand=none h uptime",
            "git grep -n Order",
            "let n=n+1; declare -i m=3; printf -v x '%s' y",
            "[[ -v HOME ]] && echo set",
            "[[ $(ls | wc -l) -eq 1 ]] && echo one",
            "mapfile -t lines < f",
        ],
    );
}
