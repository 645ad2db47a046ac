namespace DockerPS.Engine.Containers;

/// <summary>The words of names that nobody chose: friendly adjectives, and animals, plants, weather and things of the outdoors.</summary>
internal static class ContainerNameWords
{
    public static readonly string[] Adjectives = Words("""
        able agile airy alert amber ample apt artful autumn awake balmy bold bonny brave breezy bright brisk bubbly calm candid
        careful cheerful chipper civil clear clever cobalt cordial cosy cozy crimson crisp curious dainty dapper daring dashing
        dear deft dewy diligent dreamy eager early earnest easy elated elegant emerald even fair faithful famous fancy fast
        festive fine fleet floral fluent fond forest free fresh friendly frosty gallant generous gentle genuine giddy gifted
        glad gleeful glossy golden graceful grand grateful great green handy happy hardy hazel hearty helpful honest hopeful
        humble indigo ivory jaunty jolly jovial joyful joyous just keen kind kindly lavender leafy lemon light lilac limber
        lively loyal lucid lucky lunar lush maple marble mellow merry mighty mild mindful minty mirthful misty modest mossy
        neat nimble noble northern novel olive open opal patient peaceful pearly peppy perky placid playful pleasant plucky
        plush poised polite prime proud prudent pure quaint quick quiet radiant rapid ready regal robust rosy ruby russet
        rustic sage scarlet serene sharp shiny silent silky silver simple sincere sleek smart smiling smooth snappy snowy
        snug sociable solar solid soothing spirited sprightly spry stable starry steady stellar sturdy subtle sunlit sunny
        supple sure swift tactful teal tender thankful thrifty tidy tranquil trusty upbeat valiant velvet vernal vivid warm
        watchful whimsical winsome wise witty woolly worthy young zesty zippy
        """);

    public static readonly string[] Nouns = Words("""
        acorn alder alpaca anchor antelope apple apricot arbor aspen aster aurora badger bamboo basil bay bayou beacon beaver
        beech bilberry birch bison blossom bluebell bobcat brook buckeye bumblebee butterfly buzzard cabin canary canyon
        caribou cedar cherry chestnut chickadee chipmunk cinnamon clementine cliff clover comet condor copse coral cove
        coyote crane creek cricket crocus cuckoo cypress daffodil dahlia daisy dale dandelion dawn delta dingo dolphin dove
        dragonfly duckling dune eagle egret elk elm ember falcon fawn fennel fern ferret field finch firefly fjord flamingo
        fox foxglove gazelle gecko geyser ginger glacier glade glen goldfinch gorge goose grove gull hamlet harbor hare
        harvest hawk hazelnut heath heather hedgehog heron hill hollow holly honeybee horizon hummingbird ibex ibis iris
        island ivy jackdaw jasmine jay juniper kestrel kettle kingfisher kite kiwi koala lagoon lake lantern larch lark
        lemur lighthouse lily linden lizard llama lotus lynx magpie mallard mango manatee marigold marmot marten meadow
        mesa mole monsoon moose moth mountain mulberry nectarine newt nightingale nutmeg nuthatch oak oasis ocelot orchard
        orchid oriole osprey otter owl oyster panda papaya parrot partridge peach peacock pear pebble pelican penguin peony
        pheasant pine pinecone plover plum pond poplar poppy porcupine prairie primrose puffin quail quince rabbit raccoon
        rainbow raven ravine redwood reed reef reindeer ridge river robin rook rosemary rowan saffron salmon sandpiper
        seahorse seal sequoia shell shore skylark snowdrop snowflake sparrow spring spruce squirrel starfish starling stoat
        stork stream summit sunflower sunrise swallow swan swift sycamore tamarin tern thicket thistle thrush thyme tiger
        toucan trail trout tulip tundra turtle valley vine violet vole wagtail walnut walrus waterfall wave weasel whale
        willow wombat wood woodpecker wren yarrow yew zebra zephyr
        """);

    private static string[] Words(string text) => text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
