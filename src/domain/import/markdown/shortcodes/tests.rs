//! Tests of what is made of tags.

use proptest::prelude::*;

use super::*;

fn told(text: &str, is_mdx: bool) -> (String, Vec<String>) {
    let mut notes = Vec::new();
    let out = expanded(text, is_mdx, &mut notes);
    (out, notes)
}

fn out(text: &str) -> String {
    let (out, notes) = told(text, false);
    assert!(notes.is_empty(), "{notes:?}");
    out.trim().to_owned()
}

fn embedded(url: &str) -> String {
    format!("<figure class=\"embed\" data-url=\"{url}\"><a href=\"{url}\">{url}</a></figure>")
}

#[test]
fn shortcodes_of_hugo_become_html() {
    assert_eq!(
        out(r#"{{< figure src="/a.jpg" alt="A" title="T" caption="x < y" link="/b" >}}"#),
        "<figure><a href=\"/b\"><img src=\"/a.jpg\" alt=\"A\"></a><figcaption>T x &lt; y</figcaption></figure>"
    );
    for text in [
        "{{< youtube abc_1 >}}",
        "{{<youtube id=\"abc_1\">}}",
        "{{< youtube abc_1 />}}",
    ] {
        assert_eq!(out(text), embedded("https://www.youtube.com/watch?v=abc_1"));
    }
    assert_eq!(out("{{< vimeo 12 >}}"), embedded("https://vimeo.com/12"));
    assert_eq!(
        out("{{< tweet user=\"ada\" id=\"3\" >}}"),
        embedded("https://x.com/ada/status/3")
    );
    assert_eq!(out("{{< x 3 >}}"), embedded("https://x.com/i/status/3"));
    assert_eq!(
        out("{{< gist ada 3f >}}"),
        embedded("https://gist.github.com/ada/3f")
    );
    assert_eq!(
        out("{{< highlight go \"linenos=table\" >}}\na := `b`\n{{< /highlight >}}"),
        "```go\na := `b`\n```"
    );
    assert_eq!(out("[a]({{< ref \"posts/b.md#c\" >}})"), "[a](/posts/b#c)");
    assert_eq!(
        out("[a]({{% relref \"/posts/b/index.md\" %}})"),
        "[a](/posts/b)"
    );
    assert_eq!(out("{{</* figure x */>}}"), "{{&lt; figure x &gt;}}");
    assert_eq!(out("a\n<!--more-->\nb"), "a\n\nb");
}

#[test]
fn blank_lines_stand_around_what_is_put_in() {
    let (out, _) = told("Before {{< vimeo 1 >}} after", false);
    let figure = embedded("https://vimeo.com/1");
    assert_eq!(out, format!("Before \n\n{figure}\n\n after"));
}

#[test]
fn tags_of_jekyll_become_markdown_and_html() {
    assert_eq!(
        out("{% highlight ruby linenos %}\nputs 1\n{% endhighlight %}"),
        "```ruby\nputs 1\n```"
    );
    assert_eq!(
        out("[a]({% post_url 2024-05-01-some-slug %})"),
        "[a](/some-slug)"
    );
    assert_eq!(
        out("[a]({{ site.baseurl }}{% link _posts/2024-05-01-some-slug.md %})"),
        "[a](/some-slug)"
    );
    assert_eq!(out("[a]({% link files/a.pdf %})"), "[a](/files/a.pdf)");
    assert_eq!(out("![a]({{ '/b.png' | relative_url }})"), "![a](/b.png)");
    assert_eq!(
        out("{% include youtube.html id=\"abc\" %}"),
        embedded("https://www.youtube.com/watch?v=abc")
    );
    assert_eq!(out("{% raw %}{{ page.x }}{% endraw %}"), "{{ page.x }}");
    assert_eq!(out("a{%- comment -%}b{%- endcomment -%}c"), "ac");
}

#[test]
fn what_is_not_known_is_kept_and_told_once() {
    let (out, notes) = told(
        "{{<note>}}a{{</note>}} {{<note>}} {% toc %} {{ page.title }}",
        false,
    );
    assert_eq!(
        out,
        "{{&lt;note>}}a{{&lt;/note>}} {{&lt;note>}} {% toc %} {{ page.title }}"
    );
    assert_eq!(
        notes,
        ["not known, and kept as text: {{< note >}}, {% toc %}, {{ page.title }}"]
    );
}

#[test]
fn nothing_in_code_is_touched() {
    for text in [
        "```\n{{< youtube abc >}}\n{% toc %}\n```\n",
        "> ~~~\n> {{< youtube abc >}}\n> ~~~\n",
        "a `{{< youtube abc >}}` b ``{% ` %}`` c\n",
        "````\n```\n{% raw %}\n````\n",
        "Use {{ to open.\n\n```\n{{< youtube abc >}} }}\n```\n",
    ] {
        assert_eq!(told(text, true), (text.to_owned(), Vec::new()), "{text}");
    }
}

#[test]
fn components_are_taken_out_and_imports_too() {
    let text = "import A from '../a'\nimport {\n  b,\n} from 'b'\nexport const c = 1\n\n\n# T\n\n\
                <YouTube id=\"abc\" />\n\n<Note kind={{ a: '>' }}>\n\nInner {/* c */}\n\n</Note>\n`<B>`\n";
    let (out, notes) = told(text, true);
    assert!(out.starts_with("# T"), "{out}");
    assert!(
        out.contains(&embedded("https://www.youtube.com/watch?v=abc")),
        "{out}"
    );
    assert!(
        out.contains("\n\nInner \n\n") && !out.contains("Note") && out.contains("`<B>`"),
        "{out}"
    );
    assert_eq!(notes.len(), 1);
    assert!(notes[0].ends_with(": <Note>"), "{notes:?}");
}

#[test]
fn hostile_text_is_read_quickly() {
    let started = std::time::Instant::now();
    for part in [
        "{{< ",
        "{% highlight %}",
        "{{",
        "`a",
        "<A {",
        "<!--",
        "```\n",
        "{{< /highlight",
    ] {
        told(&part.repeat(50_000), true);
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(60));
}

proptest! {
    #[test]
    fn no_text_panics(text in "(\\{\\{<|>\\}\\}|\\{%|%\\}|\\{\\{|\\}\\}|<!--|-->|`|```\n|<[A-Z]|highlight|/highlight|endhighlight|raw|endraw|youtube|ref|\"|=|[ a-z\n>/\\\\]|\\PC){0,60}", is_mdx in any::<bool>()) {
        told(&text, is_mdx);
    }

    #[test]
    fn text_without_tags_is_untouched(text in "([a-z#*_>\\[\\]()!&;.,-]|`|```|~~~|[ \n]|\\}|[äß漢🦀]){0,200}") {
        prop_assert_eq!(told(&text, false), (text.clone(), Vec::new()));
    }
}
